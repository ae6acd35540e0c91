/** Time and chance, passed in so that tests can hold them still. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** `n` random bytes. */
  random(n: number): Uint8Array;
}

export const systemClock: Clock = {
  now: Date.now,
  random: (n) => crypto.getRandomValues(new Uint8Array(n)),
};
