/** Kinds of traffic control by name: of qdiscs, of classes, of filters. A kind not listed keeps its options as bytes. */
import { fqCodel } from "./fq-codel.ts";
import { htb, htbClass } from "./htb.ts";
import { matchall } from "./matchall.ts";
import { tbf } from "./tbf.ts";
import { u32 } from "./u32.ts";

/** `ingress` and `clsact` have no options. */
export const qdiscKinds = { tbf, fq_codel: fqCodel, htb } as const;
export const classKinds = { htb: htbClass } as const;
export const filterKinds = { u32, matchall } as const;
