/** What `podwire node firewall` says of openings that some rule keeps closed all the same. */
import { mendingLine } from "../../../node/firewall/explain/mend.ts";
import { ownerText, packetText, placeText } from "../../../node/firewall/explain/report.ts";
import type { ManagerName } from "../../../node/firewall/manager.ts";
import { managers } from "../../../node/firewall/managers/registry.ts";
import type { Opening } from "../../../node/firewall/openings.ts";
import { type Assumed, assume } from "../../../node/firewall/passing/assume.ts";
import { type Kept, keptOut } from "../../../node/firewall/passing/passing.ts";
import { readRuleset } from "../../../node/firewall/ruleset/read.ts";
import type { Surroundings } from "../../../node/firewall/surroundings.ts";
import type { Host } from "../../../node/host.ts";
import type { Io } from "../../cli/io.ts";

/** What would be told, to whom, if it were done. */
export interface Told {
  readonly around: Surroundings;
  readonly names: readonly ManagerName[];
}

const assumedOf = (openings: readonly Opening[], { around, names }: Told): Assumed[] =>
  managers
    .filter(({ name }) => names.includes(name))
    .flatMap(({ lands }) =>
      openings.flatMap((opening) => lands(opening, around).map((landing): Assumed => ({ opening, landing }))),
    );

/** What came from no known place is a made-up address: a line that lets in that one would mend nothing. */
const next = ({ opening, packet, verdict }: Kept): string | undefined => {
  if (opening.to === "pods" || opening.from) {
    const mend = mendingLine(packet, verdict);
    return mend && `mend it: ${mend}`;
  }
  return `its way: podwire node firewall --explain ${packet.protocol}/${packet.dport} from ${packet.src}`;
};

const lines = (kept: Kept, would: boolean): string => {
  const { fate, by } = kept.verdict;
  const said = next(kept);
  return [
    `${would ? `would still be ${fate}` : `still ${fate}`}: ${packetText(kept.packet)}`,
    ...(by ? [`  by ${ownerText(by)}, ${placeText(by)}: ${by.text}`] : []),
    ...(said === undefined ? [] : [`  ${said}`]),
  ]
    .map((line) => `${line}\n`)
    .join("");
};

/** Exit status 1 when something is kept out: as it is now, or as it would be when `told` is given. */
export const tellPassing = (host: Host, openings: readonly Opening[], io: Io, told?: Told): 0 | 1 => {
  const ruleset = readRuleset(host.ns);
  const kept = keptOut(told ? assume(ruleset, assumedOf(openings, told)) : ruleset, openings);
  for (const one of kept) io.err(lines(one, told !== undefined));
  return kept.length === 0 ? 0 : 1;
};
