/**
 * Messages that are like the one before: thousands of routes mostly differ in their destination alone, links in name,
 * index and address. Finding that out, with a few calls that compare memory, costs far less than reading one anew.
 */
import type { AttrIndex } from "../../kernel/codec/attr-index.ts";
import type { Received } from "../../kernel/codec/received.ts";

/** struct nlmsghdr lies between two payloads. */
const NLMSGHDR = 16;

export class Repeat {
  private readonly varying: readonly number[];
  private from = 0;
  private to = 0;
  /** Begin and end of each run of bytes that must be the same, counted from the message's begin. */
  private same: readonly number[] = [];

  /** `varying`: attributes whose values may differ; their sizes may not. */
  constructor(varying: readonly number[]) {
    this.varying = varying;
  }

  /** The message that the next ones are compared with; `free` are bytes of its struct that may differ. */
  remember(index: AttrIndex, from: number, to: number, free?: readonly [from: number, to: number]): void {
    const holes = this.varying.flatMap((type) => {
      const place = index.place(type);
      return place ? [[place.from - from, place.to - from] as const] : [];
    });
    if (free) holes.push(free);
    holes.sort(([a], [b]) => a - b);
    const same: number[] = [];
    let at = 0;
    for (const [start, end] of holes) {
      if (start > at) same.push(at, start);
      at = end;
    }
    if (at < to - from) same.push(at, to - from);
    this.same = same;
    this.from = from;
    this.to = to;
  }

  forget(): void {
    this.to = 0;
  }

  /** Whether this one differs in nothing else. Then it is the one that the next are compared with. */
  has({ bytes }: Received, from: number, to: number): boolean {
    const before = this.from;
    // Next to each other in one datagram, and as long.
    if (this.to === 0 || from !== this.to + NLMSGHDR || to - from !== this.to - before) return false;
    const { same } = this;
    for (let i = 0; i < same.length; i += 2) {
      const start = same[i]!;
      const end = same[i + 1]!;
      if (bytes.compare(bytes, before + start, before + end, from + start, from + end) !== 0) return false;
    }
    this.from = from;
    this.to = to;
    return true;
  }
}
