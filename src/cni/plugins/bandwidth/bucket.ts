/** A limit as the queues that keep it: a token bucket, and below it a queue for each flow. Pure. */
import { tcPlaces } from "../../../kernel/codec/route/tc.ts";
import type { Step } from "../../../net/plan/step.ts";
import { makeHandle } from "../../../net/tc/handles.ts";
import { tokenBucket } from "../../../net/tc/units.ts";
import type { Limit } from "./config.ts";

/** Of an Ethernet header, which the bucket counts. */
const HEADER = 14;
const MTU_FRAMES = 10;
/** What a sender's stack hands down as one packet at most (GSO_LEGACY_MAX_SIZE). */
const LARGEST = 65_536;
/** 100 Gbit/s: so fast that a burst is not held up by it. */
const PEAK = 12_500_000_000;
const most32 = 0xffff_ffff;

/** Our own, so that it is told from another's: "pw". */
export const bucketHandle = makeHandle(0x7077);
const leaf = bucketHandle + 1;
const leafHandle = makeHandle(0x7078);

/** The bytes of the largest frame. A bucket that holds less would never let it pass. */
export const frameOf = (mtu: number): number => mtu + HEADER;

export const bucketOf = ({ rate, burst }: Limit, mtu: number) => {
  const frame = frameOf(mtu);
  const millisecond = Math.ceil(rate / 1000);
  // One large packet that takes longer than a millisecond would hold up all others for that long: it is cut into frames.
  const cut = millisecond < LARGEST;
  // Where the kernel has no fq_codel, this is all that waits.
  const waits = Math.max(10 * millisecond, cut ? MTU_FRAMES * frame : 4 * LARGEST);
  return tokenBucket({
    rate,
    burst: Math.max(burst, frame),
    limit: Math.min(waits, most32),
    ...(cut && { peakrate: PEAK, minburst: Math.max(2 * frame, millisecond) }),
  });
};

/** fq_codel's own, but that a frame is not late for the time that its predecessor takes. */
export const codelOf = ({ rate }: Limit, mtu: number): { readonly target: number; readonly interval: number } => {
  const frames = Math.ceil((1.5e6 * frameOf(mtu)) / rate);
  const target = Math.min(Math.max(5000, frames), 1_000_000_000);
  return { target, interval: 95_000 + target };
};

/** On the device `link`, which has no queues of its own yet. */
export const planBucket = (link: string, limit: Limit, mtu: number, fresh: boolean): Step[] => [
  {
    do: "qdisc.add",
    in: "",
    qdisc: { link, parent: tcPlaces.root, handle: bucketHandle, info: { kind: "tbf", data: bucketOf(limit, mtu) } },
    ...(fresh && { fresh }),
  },
  {
    do: "qdisc.add",
    in: "",
    qdisc: { link, parent: leaf, handle: leafHandle, info: { kind: "fq_codel", data: codelOf(limit, mtu) } },
    orUnknown: true,
    fresh: true,
  },
];
