/** Codecs: a value to bytes and back. Pure, native byte order (netlink is host-endian), exact inverses. */
export interface Codec<T> {
  /** Bytes, when every value has the same width. */
  readonly size?: number;
  /** Whether so many bytes can be read, when not every length can. What does not fit stays unread, as bytes. */
  readonly fits?: (length: number) => boolean;
  read(b: Uint8Array): T;
  write(value: T): Uint8Array;
}

/** A codec of fixed width, usable as a struct field. */
export interface Fixed<T> extends Codec<T> {
  readonly size: number;
}

/** Both our targets, x86-64 and arm64, are little-endian; big-endian fields say so by name. */
const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

const fixed = (
  size: number,
  read: (v: DataView) => number,
  write: (v: DataView, n: number) => void,
): Fixed<number> => ({
  size,
  read: (b) => read(view(b)),
  write: (n) => {
    const out = new Uint8Array(size);
    write(view(out), n);
    return out;
  },
});

export const u8 = fixed(
  1,
  (v) => v.getUint8(0),
  (v, n) => v.setUint8(0, n),
);
export const u16 = fixed(
  2,
  (v) => v.getUint16(0, true),
  (v, n) => v.setUint16(0, n, true),
);
export const u32 = fixed(
  4,
  (v) => v.getUint32(0, true),
  (v, n) => v.setUint32(0, n, true),
);
export const s32 = fixed(
  4,
  (v) => v.getInt32(0, true),
  (v, n) => v.setInt32(0, n, true),
);
export const be16 = fixed(
  2,
  (v) => v.getUint16(0),
  (v, n) => v.setUint16(0, n),
);
export const be32 = fixed(
  4,
  (v) => v.getUint32(0),
  (v, n) => v.setUint32(0, n),
);

const wide = (little: boolean): Fixed<bigint> => ({
  size: 8,
  read: (b) => view(b).getBigUint64(0, little),
  write: (n) => {
    const out = new Uint8Array(8);
    view(out).setBigUint64(0, n, little);
    return out;
  },
});
export const u64 = wide(true);
export const be64 = wide(false);

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** NUL-terminated string, as NLA_NUL_STRING. A missing terminator is tolerated on reading. */
export const str: Codec<string> = {
  read: (b) => {
    const end = b.indexOf(0);
    return text.decode(end < 0 ? b : b.subarray(0, end));
  },
  write: (s) => {
    const out = new Uint8Array(Buffer.byteLength(s) + 1);
    utf8.encodeInto(s, out);
    return out;
  },
};

/** Text without a terminator: its length is the attribute's (IFLA_IFALIAS, where no bytes at all mean none). */
export const chars: Codec<string> = { read: (b) => str.read(b), write: (s) => utf8.encode(s) };

/** Bytes as they are. Copied on reading (a Buffer's slice would not be a copy): the receive buffer is used again. */
export const raw: Codec<Uint8Array> = { read: (b) => new Uint8Array(b), write: (v) => v };

/** NLA_FLAG: present or not, no payload. */
export const flag: Codec<true> = { read: () => true, write: () => new Uint8Array(0) };

/** `n` bytes that carry nothing. */
export const pad = (n: number): Fixed<undefined> => ({
  size: n,
  read: () => undefined,
  write: () => new Uint8Array(n),
});
