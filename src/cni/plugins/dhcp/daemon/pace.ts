/**
 * When a message is sent again (RFC 2131 section 4.1): within one try every 2 ± 1 s, sooner at first, since a bridge's port
 * may have opened only now; between tries a pause. Pure.
 */

export interface PaceOptions {
  /** Length of one try, in milliseconds. */
  readonly tryMs: number;
  /** Milliseconds between the end of a try and the next one. */
  readonly pause: (tryEnds: number) => number;
  /** From 0 to 1. */
  readonly chance: () => number;
}

/** Milliseconds, each with half of it more or less by chance. */
const first = [150, 600] as const;
const usual = 2000;

export interface Next {
  readonly at: number;
  /** It begins a new try. */
  readonly fresh: boolean;
  /** Until when an answer may come to what was sent in this try. */
  readonly tryEnds: number;
}

export class Pace {
  readonly #o: PaceOptions;
  #tryEnds: number;
  #sent = 0;

  constructor(now: number, o: PaceOptions) {
    this.#o = o;
    this.#tryEnds = now + o.tryMs;
  }

  /** What comes after sending now. */
  next(now: number): Next {
    const tryEnds = this.#tryEnds;
    const at = now + Math.round((first[this.#sent] ?? usual) * (0.5 + this.#o.chance()));
    this.#sent++;
    if (at < tryEnds) return { at, fresh: false, tryEnds };
    const again = tryEnds + this.#o.pause(tryEnds);
    this.#tryEnds = again + this.#o.tryMs;
    this.#sent = 0;
    return { at: again, fresh: true, tryEnds };
  }
}

/** Milliseconds; the reference's flags and their defaults. */
export interface Timing {
  /** How long one try waits for answers. */
  readonly tryMs: number;
  /** The longest pause between tries for a new lease. */
  readonly longestPause: number;
  /** When no new lease is waited for any more. */
  readonly giveUp: number;
}
export const defaultTiming: Timing = { tryMs: 10_000, longestPause: 62_000, giveUp: 208_000 };

const firstPause = 4000;
const jitter = 1000;

/** For a new lease: 4 s, then twice as long each time, up to the longest; 1 s more or less by chance. */
export const doubling = (timing: Timing, chance: () => number): (() => number) => {
  let next = firstPause;
  return () => {
    const pause = Math.min(next, timing.longestPause);
    next *= 2;
    return Math.max(0, Math.round(pause + jitter * (2 * chance() - 1)));
  };
};

/** For one that is held: half of what is left until its stage ends, but no less than 4 s. */
export const halving =
  (stageEnd: (now: number) => number) =>
  (tryEnds: number): number => {
    const left = stageEnd(tryEnds) - tryEnds;
    return Math.min(Math.max(Math.round(left / 2), firstPause), Math.max(left, firstPause));
  };
