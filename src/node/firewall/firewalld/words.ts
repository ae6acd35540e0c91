/** An opening in the words of firewall-cmd(1) and firewalld.richlanguage(5): the end of `--add-...` and `--remove-...`. Pure. */
import { cidrFamily, cidrText } from "../../../base/cidr.ts";
import { rangeText } from "../../ports/rows-for.ts";
import type { InputOpening } from "../openings.ts";

/** firewall-cmd's exit codes. */
export const exits = { noZone: 112, notRunning: 252 } as const;

export const wordsOf = (o: InputOpening): string => {
  const what =
    o.protocol === "ip"
      ? `protocol value="${o.ports[0]}"`
      : `port port="${rangeText(o.ports)}" protocol="${o.protocol}"`;
  if (o.from)
    return `rich-rule=rule family="ipv${cidrFamily(o.from)}" source address="${cidrText(o.from)}" ${what} accept`;
  return o.protocol === "ip" ? `protocol=${o.ports[0]}` : `port=${rangeText(o.ports)}/${o.protocol}`;
};
