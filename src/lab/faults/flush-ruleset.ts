/** F8: Debian's own nftables.conf, in use. */
import type { LabFault } from "../break/fault.ts";

export const flushRulesetFault: LabFault = {
  name: "flush-ruleset",
  title: "nftables.conf throws away everybody's rules when it is loaded",
  hint: "after every systemctl reload nftables services are gone for a minute: what does the file begin with?",
  foundBy: ["F8"],
  break: () => ({
    files: [
      {
        path: "/etc/nftables.conf",
        to: { text: "#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable inet filter {\n\tchain input {\n\t}\n}\n" },
      },
    ],
  }),
};
