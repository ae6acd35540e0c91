/** Measuring: two sides in turn in one run, medians, and their ratio. Whole processes unless a case says otherwise. */

export interface Row {
  readonly what: string;
  /** Ours and the peer's medians, in `unit`. The peer may be ourselves on an empty store. */
  readonly ours: number;
  readonly peer?: number;
  readonly peerName?: string;
  readonly unit: "ms" | "MiB" | "pods/s" | "s" | "µs" | "Gbit/s" | "Mbit/s" | "1/s";
  /** ours / peer, or peer's bound on ours when there is no peer. */
  readonly ratio?: number;
  /** What was promised: the ratio (or, without a peer, the figure) is at most, or at least, this. */
  readonly bound: { readonly most?: number; readonly least?: number };
  readonly runs: number;
}

export interface Case {
  readonly name: string;
  readonly run: () => Promise<readonly Row[]>;
}

export const median = (xs: readonly number[]): number => {
  const sorted = [...xs].sort((a, b) => a - b);
  const mid = sorted.length >> 1;
  return sorted.length % 2 ? sorted[mid]! : (sorted[mid - 1]! + sorted[mid]!) / 2;
};

/** Milliseconds that `act` takes. */
export const timed = async (act: () => unknown): Promise<number> => {
  const start = Bun.nanoseconds();
  await act();
  return (Bun.nanoseconds() - start) / 1e6;
};

/** `runs` times ours and the peer's in turn, swapping who goes first; the first round warms up and does not count. */
export const inTurn = async (
  runs: number,
  ours: (i: number) => Promise<number>,
  peer: (i: number) => Promise<number>,
): Promise<{ ours: number; peer: number; ratio: number }> => {
  const a: number[] = [];
  const b: number[] = [];
  for (let i = 0; i <= runs; i++) {
    const first = i % 2 === 0;
    const x = first ? await ours(i) : 0;
    const y = await peer(i);
    const z = first ? x : await ours(i);
    if (i === 0) continue;
    a.push(z);
    b.push(y);
  }
  const pairs = a.map((x, i) => x / b[i]!);
  return { ours: median(a), peer: median(b), ratio: median(pairs) };
};

export const holds = (row: Row): boolean => {
  const figure = row.ratio ?? row.ours;
  return figure <= (row.bound.most ?? Number.POSITIVE_INFINITY) && figure >= (row.bound.least ?? 0);
};
