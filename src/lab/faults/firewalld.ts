/** F3: firewalld, with the ports open in a zone that the link is not in. */
import type { LabFault } from "../break/fault.ts";

const zone = (name: string, inside: string): { path: string; to: { text: string } } => ({
  path: `/etc/firewalld/zones/${name}.xml`,
  to: { text: `<?xml version="1.0" encoding="utf-8"?>\n<zone>\n${inside}</zone>\n` },
});

export const firewalldFault: LabFault = {
  name: "firewalld",
  title: "firewalld has the ports open in a zone that the link is not in",
  hint: "the ports were opened, said the person who did it: in which zone, and in which zone is eth0?",
  foundBy: ["F3"],
  break: () => ({
    files: [
      { path: "/etc/firewalld/firewalld.conf", to: { text: "DefaultZone=public\n" } },
      zone("public", '  <short>Public</short>\n  <port port="22" protocol="tcp"/>\n'),
      zone("home", '  <short>Home</short>\n  <port port="10250" protocol="tcp"/>\n'),
    ],
    processes: [{ name: "firewalld" }],
  }),
};
