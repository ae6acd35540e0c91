/** Does the kernel have the token bucket? */
import { tcPlaces } from "../codec/route/tc.ts";
import { probe } from "./answer.ts";
import { tryQdisc } from "./throwaway.ts";

export const tbfProbe = probe("tbf", () =>
  tryQdisc(
    {
      parent: tcPlaces.root,
      handle: 0x10000,
      kind: "tbf",
      data: { rate: { rate: 1_000_000, linklayer: 1 }, limit: 10_000, burst: 10_000 },
    },
    "CONFIG_NET_SCH_TBF: modprobe sch_tbf",
  ),
);
