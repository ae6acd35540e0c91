/** qdisc `fq_codel`: a queue for each flow, kept short (linux/pkt_sched.h, TCA_FQ_CODEL_*; RFC 8290). Times in µs. */
import { at, attrs } from "../attrs.ts";
import { u8, u32 } from "../codec.ts";

export const fqCodel = attrs(() => ({
  target: at(1, u32),
  limit: at(2, u32),
  interval: at(3, u32),
  ecn: at(4, u32),
  flows: at(5, u32),
  quantum: at(6, u32),
  ceThreshold: at(7, u32),
  dropBatch: at(8, u32),
  memoryLimit: at(9, u32),
  ceThresholdSelector: at(10, u8),
  ceThresholdMask: at(11, u8),
}));
