/** RTA_METRICS: what a route says of packets and connections that take it (linux/rtnetlink.h, RTAX_*). */
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import { type Fields, hexText } from "./fields.ts";

const names: Readonly<Record<number, string>> = {
  2: "mtu",
  3: "window",
  4: "rtt",
  5: "rttvar",
  6: "ssthresh",
  7: "cwnd",
  8: "advmss",
  9: "reordering",
  10: "hoplimit",
  11: "initcwnd",
  12: "features",
  13: "rto_min",
  14: "initrwnd",
  15: "quickack",
  17: "fastopen_no_cookie",
};
const [LOCK, RTT, RTTVAR, HOPLIMIT, FEATURES, CC_ALGO, LAST] = [1, 4, 5, 10, 12, 16, 17];
const ECN = 1;
const index = new AttrIndex(LAST);

export const routeMetrics = (a: AttrIndex, attr: number): Fields => {
  const out: Fields = {};
  a.nested(attr, index);
  const locks = index.u32(LOCK) ?? 0;
  for (let type = 2; type <= LAST; type++) {
    if (!index.has(type) && !(locks & (1 << type))) continue;
    if (type === CC_ALGO) {
      out.congestion = index.text(type) ?? "";
      continue;
    }
    const value = index.u32(type) ?? 0;
    if (type === HOPLIMIT && value === 0xffffffff) continue;
    if (type === FEATURES) features(out, value);
    else out[names[type]!] = type === RTT ? value >>> 3 : type === RTTVAR ? value >>> 2 : value;
  }
  return out;
};

const features = (out: Fields, value: number): void => {
  if (value & ECN) out.ecn = null;
  if (value & ~ECN) out.features = hexText(value);
};
