/** Bytes of which some bits may be unknown, and comparisons that say yes, no, or (undefined) either. */

export interface Bits {
  /** Bits that are not known are zero. */
  readonly bytes: Uint8Array;
  /** A set bit is known. */
  readonly known: Uint8Array;
}

export type Maybe = boolean | undefined;

export const exactly = (bytes: Uint8Array): Bits => ({ bytes, known: new Uint8Array(bytes.length).fill(255) });
export const anything = (length: number): Bits => ({ bytes: new Uint8Array(length), known: new Uint8Array(length) });

export const isExact = (b: Bits): boolean => b.known.every((k) => k === 255);

export const slice = (b: Bits, from: number, length: number): Bits => {
  const bytes = new Uint8Array(length);
  const known = new Uint8Array(length);
  bytes.set(b.bytes.subarray(from, from + length));
  known.set(b.known.subarray(from, from + length));
  return { bytes, known };
};

/** `b` with `part` written over it from `at` on. */
export const overlay = (b: Bits, at: number, part: Bits): Bits => {
  const bytes = new Uint8Array(b.bytes);
  const known = new Uint8Array(b.known);
  const room = Math.max(0, bytes.length - at);
  bytes.set(part.bytes.subarray(0, room), at);
  known.set(part.known.subarray(0, room), at);
  return { bytes, known };
};

/** Whether `b` begins with these bytes. */
export const begins = (b: Bits, bytes: Uint8Array): Maybe => {
  let sure = true;
  for (let i = 0; i < bytes.length; i++) {
    const known = b.known[i] ?? 0;
    if (((b.bytes[i] ?? 0) ^ bytes[i]!) & known) return false;
    if (known !== 255) sure = false;
  }
  return sure || undefined;
};

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - b[i]!;
  return 0;
};

const least = (b: Bits): Uint8Array => b.bytes;
const most = (b: Bits): Uint8Array => b.bytes.map((x, i) => x | (~b.known[i]! & 255));

/** Whether `b` is less than (or as much as) `bytes`, as numbers with the most important byte first. */
export const atMost = (b: Bits, bytes: Uint8Array, orEqual: boolean): Maybe => {
  const limit = orEqual ? 1 : 0;
  if (compareBytes(most(b), bytes) < limit) return true;
  return compareBytes(least(b), bytes) < limit ? undefined : false;
};

export const within = (b: Bits, from: Uint8Array, to: Uint8Array): Maybe => {
  const below = atMost(b, from, false);
  const notAbove = atMost(b, to, true);
  if (below === true || notAbove === false) return false;
  return (below === false && notAbove === true) || undefined;
};

export const not = (m: Maybe): Maybe => (m === undefined ? undefined : !m);

export const all = (ms: readonly Maybe[]): Maybe => {
  if (ms.includes(false)) return false;
  return ms.includes(undefined) ? undefined : true;
};

export const some = (ms: readonly Maybe[]): Maybe => not(all(ms.map(not)));

/** `(b & mask) ^ xor` */
export const maskXor = (b: Bits, mask: Uint8Array, xor: Uint8Array): Bits => {
  const known = b.known.map((k, i) => k | (~mask[i]! & 255));
  const bytes = b.bytes.map((x, i) => ((x & mask[i]!) ^ xor[i]!) & known[i]!);
  return { bytes, known };
};

/** The number in the host's order; undefined when a bit of it is unknown. */
export const wordOf = (b: Bits): number | undefined =>
  isExact(b) && b.bytes.length >= 4
    ? new DataView(b.bytes.buffer, b.bytes.byteOffset, b.bytes.byteLength).getUint32(0, true)
    : undefined;
