/** Codecs: a value to bytes and back. Pure, native byte order (netlink is host-endian), exact inverses. */
export interface Codec<T> {
  /** Bytes, when every value has the same width. */
  readonly size?: number;
  /** Whether so many bytes can be read, when not every length can. What does not fit stays unread, as bytes. */
  readonly fits?: (length: number) => boolean;
  read(b: Uint8Array): T;
  write(value: T): Uint8Array;
}

/** A codec of fixed width, usable as a struct field: it reads and writes in place. */
export interface Fixed<T> extends Codec<T> {
  readonly size: number;
  get(v: DataView, at: number): T;
  put(v: DataView, at: number, value: T): void;
}

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

const fixed = <T>(
  size: number,
  get: (v: DataView, at: number) => T,
  put: (v: DataView, at: number, value: T) => void,
): Fixed<T> => ({
  size,
  get,
  put,
  read: (b) => get(view(b), 0),
  write: (value) => {
    const out = new Uint8Array(size);
    put(view(out), 0, value);
    return out;
  },
});

// Both our targets, x86-64 and arm64, are little-endian; big-endian fields say so by name.
export const u8 = fixed<number>(
  1,
  (v, at) => v.getUint8(at),
  (v, at, n) => v.setUint8(at, n),
);
export const u16 = fixed<number>(
  2,
  (v, at) => v.getUint16(at, true),
  (v, at, n) => v.setUint16(at, n, true),
);
export const u32 = fixed<number>(
  4,
  (v, at) => v.getUint32(at, true),
  (v, at, n) => v.setUint32(at, n, true),
);
export const s32 = fixed<number>(
  4,
  (v, at) => v.getInt32(at, true),
  (v, at, n) => v.setInt32(at, n, true),
);
export const be16 = fixed<number>(
  2,
  (v, at) => v.getUint16(at),
  (v, at, n) => v.setUint16(at, n),
);
export const be32 = fixed<number>(
  4,
  (v, at) => v.getUint32(at),
  (v, at, n) => v.setUint32(at, n),
);
/** Signed, in network order. */
export const sbe32 = fixed<number>(
  4,
  (v, at) => v.getInt32(at),
  (v, at, n) => v.setInt32(at, n),
);
/** 64 bits as a number: exact up to 2^53, which no handle or counter of a living machine reaches. */
export const be64 = fixed<number>(
  8,
  (v, at) => v.getUint32(at) * 0x1_0000_0000 + v.getUint32(at + 4),
  (v, at, n) => {
    v.setUint32(at, Math.floor(n / 0x1_0000_0000));
    v.setUint32(at + 4, n % 0x1_0000_0000);
  },
);
/** The same in the machine's own order. */
export const n64 = fixed<number>(
  8,
  (v, at) => v.getUint32(at + 4, true) * 0x1_0000_0000 + v.getUint32(at, true),
  (v, at, n) => {
    v.setUint32(at + 4, Math.floor(n / 0x1_0000_0000), true);
    v.setUint32(at, n % 0x1_0000_0000, true);
  },
);
export const s16 = fixed<number>(
  2,
  (v, at) => v.getInt16(at, true),
  (v, at, n) => v.setInt16(at, n, true),
);
export const u64 = fixed<bigint>(
  8,
  (v, at) => v.getBigUint64(at, true),
  (v, at, n) => v.setBigUint64(at, n, true),
);

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** NUL-terminated string, as NLA_NUL_STRING. A missing terminator is tolerated on reading. */
export const str: Codec<string> = {
  read: (b) => {
    const end = b.indexOf(0);
    return text.decode(end < 0 ? b : b.subarray(0, end));
  },
  write: (s) => {
    return utf8.encode(`${s}\0`);
  },
};

/** Text without a terminator: its length is the attribute's (IFLA_IFALIAS, where no bytes at all mean none). */
export const chars: Codec<string> = { read: (b) => str.read(b), write: (s) => utf8.encode(s) };

/** Bytes as they are. Copied on reading (a Buffer's slice would not be a copy): the receive buffer is used again. */
export const raw: Codec<Uint8Array> = { read: (b) => new Uint8Array(b), write: (v) => v };
