/** L5: a tunnel that is in another's way. */
import type { Link } from "../../net/links.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Network } from "../ports/row.ts";
import { vxlanOf } from "../reads/vxlan.ts";

/** What network plugins make: their link, VNI and port. */
const known: readonly {
  readonly owner: string;
  readonly names: RegExp;
  readonly id: number;
  readonly port: number;
  readonly network: Network;
}[] = [
  { owner: "Flannel", names: /^(flannel|podwire)(-v6)?\.\d+$/, id: 1, port: 8472, network: "vxlan" },
  { owner: "Calico", names: /^vxlan(-v6)?\.calico$/, id: 4096, port: 4789, network: "calico-vxlan" },
];

const look = (link: Link, all: readonly Link[], { networks }: Asked): Finding => {
  const { id, port } = vxlanOf(link);
  const seen = `VNI ${id}, udp/${port}`;
  const fix = { command: `ip link del ${link.name}`, survivesReboot: false };
  const clash = known.find((k) => k.id === id && k.port === port && !k.names.test(link.name));
  if (clash)
    return {
      outcome: networks.includes(clash.network) ? "fail" : "warn",
      subject: link.name,
      seen,
      want: `not ${clash.owner}'s own VNI and port: its link cannot be made beside this one`,
      fix,
    };
  const twin = all.find((l) => l.index < link.index && vxlanOf(l).id === id && vxlanOf(l).port === port);
  if (twin)
    return {
      outcome: "warn",
      subject: link.name,
      seen: `${seen}, as ${twin.name}`,
      want: "a VNI of its own on that port",
      fix,
    };
  return ok(seen, link.name);
};

export const vxlanClashCheck: Check = {
  id: "L5",
  name: "vxlan-clash",
  area: "links",
  severity: "fail",
  title: "each vxlan tunnel has a VNI and a port of its own",
  why: "the network plugin's link cannot be made (file exists), or two tunnels take each other's packets",
  run: (host, asked) => {
    const all = host.links.filter((l) => l.kind === "vxlan");
    return all.map((link) => look(link, all, asked));
  },
};
