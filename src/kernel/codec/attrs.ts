/**
 * Netlink attributes (linux/netlink.h, struct nlattr) described by tables: name, number, codec. Attributes that a table
 * does not know are kept in `unknown` and written back, so a round trip forgets nothing.
 */
import { concatBytes } from "../../base/bytes.ts";
import type { Codec } from "./codec.ts";

/** Set by the kernel on attributes that hold attributes. */
export const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;

export interface RawAttr {
  /** With its flag bits. */
  readonly type: number;
  readonly data: Uint8Array;
}

interface Entry<T> {
  readonly type: number;
  readonly codec: Codec<T>;
  readonly repeated?: true;
}
type Table = { readonly [name: string]: Entry<unknown> };
type ValueOf<E> = E extends Entry<infer T> & { repeated: true } ? readonly T[] : E extends Entry<infer T> ? T : never;
export type AttrsOf<T extends Table> = { readonly [K in keyof T]?: ValueOf<T[K]> | undefined } & {
  readonly unknown?: readonly RawAttr[];
};

/** One attribute of a table. */
export const at = <T>(type: number, codec: Codec<T>): Entry<T> => ({ type, codec });
/** An attribute that may stand several times; its value is an array. */
export const many = <T>(type: number, codec: Codec<T>): Entry<T> & { repeated: true } => ({
  type,
  codec,
  repeated: true,
});

const align = (n: number): number => (n + 3) & ~3;

/** Splits a run of attributes. A truncated last one ends the run, as in the kernel's nla_ok. */
export const splitAttrs = (b: Uint8Array): RawAttr[] => {
  const out: RawAttr[] = [];
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  for (let i = 0; i + 4 <= b.length; ) {
    const len = v.getUint16(i, true);
    if (len < 4 || i + len > b.length) break;
    out.push({ type: v.getUint16(i + 2, true), data: b.subarray(i + 4, i + len) });
    i += align(len);
  }
  return out;
};

/** One attribute on the wire: header, payload, padding to four bytes. */
export const writeAttr = (type: number, data: Uint8Array): Uint8Array => {
  const out = new Uint8Array(align(4 + data.length));
  const v = new DataView(out.buffer);
  v.setUint16(0, 4 + data.length, true);
  v.setUint16(2, type, true);
  out.set(data, 4);
  return out;
};

export interface AttrTable<T extends Table> extends Codec<AttrsOf<T>> {
  /** Name path of the attribute that covers byte `offset`, for the kernel's extended ack. */
  locate(b: Uint8Array, offset: number): string | undefined;
}

const readable = (c: Codec<unknown>, length: number): boolean => length >= (c.size ?? 0) && (c.fits?.(length) ?? true);

const isTable = (c: Codec<unknown>): c is AttrTable<Table> => "locate" in c;

interface Named extends Entry<unknown> {
  readonly name: string;
}

/** `drop`: attributes that the table does not have are passed over, for those who only look. */
export interface AttrOptions {
  readonly unknown: "keep" | "drop";
}

/** A table given as a function is made at its first use: a plugin uses a few of many, and each costs part of its start. */
export const attrs = <T extends Table>(
  given: T | (() => T),
  options: AttrOptions = { unknown: "keep" },
): AttrTable<T> => {
  let made: T | undefined;
  const table = (): T => {
    made ??= typeof given === "function" ? given() : given;
    return made;
  };
  let byType: Map<number, Named> | undefined;
  const types = (): Map<number, Named> => {
    if (byType) return byType;
    byType = new Map();
    const entries = table();
    for (const name in entries) {
      const { type, codec, repeated } = entries[name]!;
      byType.set(type & NLA_TYPE_MASK, { name, type, codec, ...(repeated && { repeated }) });
    }
    return byType;
  };
  const keep = options.unknown === "keep";
  return {
    read: (b) => {
      const known = types();
      const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
      const out: Record<string, unknown> = {};
      let unknown: RawAttr[] | undefined;
      for (let i = 0; i + 4 <= b.length; ) {
        const length = v.getUint16(i, true);
        if (length < 4 || i + length > b.length) break;
        const type = v.getUint16(i + 2, true);
        const e = known.get(type & NLA_TYPE_MASK);
        if (e && readable(e.codec, length - 4)) {
          const value = e.codec.read(b.subarray(i + 4, i + length));
          out[e.name] = e.repeated ? [...((out[e.name] as unknown[]) ?? []), value] : value;
        } else if (keep) {
          unknown ??= [];
          unknown.push({ type, data: new Uint8Array(b.subarray(i + 4, i + length)) });
        }
        i += align(length);
      }
      if (unknown) out.unknown = unknown;
      return out as AttrsOf<T>;
    },
    write: (value) => {
      const parts: Uint8Array[] = [];
      const values = value as Record<string, unknown>;
      const entries = table();
      // By the value's keys, which are few, not by the table's: a struct's fields beside them have no entry.
      for (const name in values) {
        const v = values[name];
        const e = entries[name];
        if (v === undefined || e === undefined) continue;
        if (e.repeated) for (const one of v as unknown[]) parts.push(writeAttr(e.type, e.codec.write(one)));
        else parts.push(writeAttr(e.type, e.codec.write(v)));
      }
      for (const a of value.unknown ?? []) parts.push(writeAttr(a.type, a.data));
      return concatBytes(parts);
    },
    locate: (b, offset) => {
      let i = 0;
      for (const a of splitAttrs(b)) {
        const end = i + align(4 + a.data.length);
        if (offset < end) {
          const e = types().get(a.type & NLA_TYPE_MASK);
          const inner = e && offset >= i + 4 && isTable(e.codec) ? e.codec.locate(a.data, offset - i - 4) : undefined;
          return [e?.name ?? `attribute ${a.type & NLA_TYPE_MASK}`, inner].filter(Boolean).join(".");
        }
        i = end;
      }
      return undefined;
    },
  };
};

/** A struct followed by attributes: the body of most rtnetlink messages, as one flat value. */
export interface Body<H, A> extends Codec<H & A> {
  write(value: Partial<H> & A): Uint8Array;
  locate(b: Uint8Array, offset: number): string | undefined;
}

export const body = <H extends object, T extends Table>(
  head: { size: number; read(b: Uint8Array): H; write(v: Partial<H>): Uint8Array },
  table: AttrTable<T>,
): Body<H, AttrsOf<T>> => {
  const start = align(head.size);
  return {
    // A message shorter than its struct reads as if zeros followed: the kernel answers some requests so.
    read: (b) => ({
      ...head.read(b.length < head.size ? concatBytes([b, new Uint8Array(head.size - b.length)]) : b),
      ...table.read(b.subarray(start)),
    }),
    write: (value) => {
      const h = new Uint8Array(start);
      h.set(head.write(value));
      return concatBytes([h, table.write(value)]);
    },
    locate: (b, offset) => (offset < start ? "header" : table.locate(b.subarray(start), offset - start)),
  };
};
