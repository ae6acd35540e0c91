/** filter `matchall`: every packet (linux/pkt_cls.h, TCA_MATCHALL_*). */
import { at, attrs } from "../attrs.ts";
import { raw, u32 } from "../codec.ts";
import { actions } from "./actions.ts";

export const matchall = attrs(() => ({
  classid: at(1, u32),
  act: at(2, actions),
  flags: at(3, u32),
  /** Counters: told, not asked for. */
  counters: at(4, raw),
}));
