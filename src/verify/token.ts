/** The sixteen bytes that every probe carries, by which both ends know it again. */
export interface Token {
  readonly kind: "request" | "answer";
  /** Of this run: traffic of another run, or of strangers, is not ours. */
  readonly nonce: number;
  readonly probe: number;
}

const MAGIC = 0x70776972; // "pwir"
export const tokenSize = 16;

/** The token, padded with zeros to `size` bytes. */
export const writeToken = (t: Token, size = tokenSize): Uint8Array => {
  const out = new Uint8Array(size);
  const v = new DataView(out.buffer);
  v.setUint32(0, MAGIC);
  v.setUint32(4, t.kind === "request" ? 1 : 2);
  v.setUint32(8, t.nonce);
  v.setUint32(12, t.probe);
  return out;
};

export const readToken = (b: Uint8Array): Token | undefined => {
  if (b.length < tokenSize) return undefined;
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  const kind = v.getUint32(4);
  if (v.getUint32(0) !== MAGIC || (kind !== 1 && kind !== 2)) return undefined;
  return { kind: kind === 1 ? "request" : "answer", nonce: v.getUint32(8), probe: v.getUint32(12) };
};
