/** Messages on a stream of bytes, as Noise suggests it: two bytes of length in big-endian, then so many bytes. Pure. */

export const longestFrame = 65535;

export const writeFrame = (body: Uint8Array): Uint8Array => {
  const out = new Uint8Array(2 + body.length);
  new DataView(out.buffer).setUint16(0, body.length);
  out.set(body, 2);
  return out;
};

export interface FrameReader {
  /** Frames that are now whole. `limit`: a longer one is `too-long` as soon as its length is there. */
  take(bytes: Uint8Array, limit: number): Uint8Array[] | "too-long";
}

export const frameReader = (): FrameReader => {
  let held: Uint8Array = new Uint8Array();
  return {
    take: (bytes, limit) => {
      held = held.length === 0 ? bytes : new Uint8Array(Buffer.concat([held, bytes]));
      const out: Uint8Array[] = [];
      while (held.length >= 2) {
        const length = (held[0]! << 8) | held[1]!;
        if (length > limit) return "too-long";
        if (held.length < 2 + length) break;
        out.push(held.slice(2, 2 + length));
        held = held.subarray(2 + length);
      }
      return out;
    },
  };
};
