/** Does the kernel have queues for each flow that it keeps short? */
import { tcPlaces } from "../codec/route/tc.ts";
import { probe } from "./answer.ts";
import { tryQdisc } from "./throwaway.ts";

export const fqCodelProbe = probe("fq_codel", () =>
  tryQdisc(
    { parent: tcPlaces.root, handle: 0x10000, kind: "fq_codel" },
    "CONFIG_NET_SCH_FQ_CODEL: modprobe sch_fq_codel",
  ),
);
