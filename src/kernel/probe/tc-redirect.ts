/** Can what comes in be redirected: the hook (clsact), the filter (u32), the action (mirred)? */
import { tcPlaces } from "../codec/route/tc.ts";
import { mirredWays, verdicts } from "../codec/tc-kinds/mirred.ts";
import { U32_TERMINAL } from "../codec/tc-kinds/u32.ts";
import { probe } from "./answer.ts";
import { tryRedirect } from "./throwaway.ts";

/** Loopback, which every namespace has. */
const lo = 1;

export const tcRedirectProbe = probe("clsact, u32 and mirred", () =>
  tryRedirect(
    {
      ifindex: lo,
      parent: tcPlaces.ingress,
      // Number 1, all protocols.
      info: 0x1_0300,
      kind: "u32",
      data: {
        sel: { flags: U32_TERMINAL, keys: [{ mask: 0, value: 0, off: 0 }] },
        act: [
          { kind: "mirred", data: { parms: { action: verdicts.stolen, way: mirredWays.egressRedirect, ifindex: lo } } },
        ],
      },
    },
    "CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED: modprobe -a sch_ingress cls_u32 act_mirred",
  ),
);
