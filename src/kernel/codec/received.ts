/** Received bytes, in the ways that they are read. Messages and attributes begin at multiples of four. */
export interface Received {
  readonly bytes: Buffer;
  /** The same by two and four bytes: until code is compiled, far cheaper than a DataView. */
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
  readonly view: DataView;
}

/** `b` begins at a multiple of four in its memory. */
export const receivedBytes = (b: Uint8Array): Received => ({
  bytes: Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  halves: new Uint16Array(b.buffer, b.byteOffset, b.byteLength >> 1),
  words: new Uint32Array(b.buffer, b.byteOffset, b.byteLength >> 2),
  view: new DataView(b.buffer, b.byteOffset, b.byteLength),
});
