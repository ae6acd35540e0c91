/**
 * The attributes of one message by number, without an object for each: for those who look at thousands of messages
 * where they lie. Filled anew for each message; what it gives is the message's until then.
 */
import { type Ip, ipFromBytes } from "../../base/ip.ts";
import type { Mac } from "../../base/mac.ts";
import type { Received } from "./received.ts";

const TYPE = 0x3fff;
/** 0 to 255 as text: looking it up is cheaper than making it. */
export const decimal: readonly string[] = Array.from({ length: 256 }, (_, n) => String(n));
const hex = Array.from({ length: 256 }, (_, n) => (n < 16 ? "0" : "") + n.toString(16));

/** Six bytes as a MAC address. */
export const macText = (b: Uint8Array, at: number): string =>
  `${hex[b[at]!]}:${hex[b[at + 1]!]}:${hex[b[at + 2]!]}:${hex[b[at + 3]!]}:${hex[b[at + 4]!]}:${hex[b[at + 5]!]}`;

export class AttrIndex {
  /** For each type, in which word its payload begins, counted on from `now`: what is not beyond it is of a fill before. */
  private readonly table: Int32Array;
  private now = 0;
  private of: Received | undefined;

  /** Attributes above `highest` are passed over. */
  constructor(highest: number) {
    this.table = new Int32Array(highest + 1);
  }

  /** The attributes from byte `from` to `to`, multiples of four; of one that stands twice the last. */
  fill(of: Received, from: number, to: number): this {
    const { table } = this;
    const { words } = of;
    this.of = of;
    const now = this.advance(words.length);
    const end = (to + 3) >> 2;
    // The busiest loop there is, in a program that is over before it would be compiled: no more than it takes.
    for (let j = from >> 2; j < end; ) {
      const head = words[j]!;
      const n = head & 0xffff;
      const next = j + ((n + 3) >> 2);
      if (n < 4 || next > end) break;
      table[(head >>> 16) & TYPE] = now + j + 1;
      j = next;
    }
    return this;
  }

  private advance(size: number): number {
    if (this.now > 0x7fff_ffff - 3 * size) {
      this.table.fill(0);
      this.now = 0;
    }
    this.now += size + 1;
    return this.now;
  }

  /** Offset of a payload; 0 when there is no such attribute. */
  private at(type: number): number {
    const word = this.table[type]! - this.now;
    return word > 0 ? word << 2 : 0;
  }

  private lengthAt(at: number): number {
    return (this.of!.words[(at >> 2) - 1]! & 0xffff) - 4;
  }

  /** Fills `into` with the attributes inside one; false when there is none. */
  nested(type: number, into: AttrIndex): boolean {
    const at = this.at(type);
    if (at === 0) return false;
    into.fill(this.of!, at, at + this.lengthAt(at));
    return true;
  }

  /** Where an attribute's payload lies. */
  place(type: number): { readonly of: Received; readonly from: number; readonly to: number } | undefined {
    const from = this.at(type);
    return from === 0 ? undefined : { of: this.of!, from, to: from + this.lengthAt(from) };
  }

  has(type: number): boolean {
    return this.table[type]! > this.now;
  }

  size(type: number): number {
    const at = this.at(type);
    return at === 0 ? 0 : this.lengthAt(at);
  }

  /** The word of a payload of at least `bytes`; 0 when there is none. */
  private word(type: number, bytes: number): number {
    const word = this.table[type]! - this.now;
    return word > 0 && (this.of!.words[word - 1]! & 0xffff) >= 4 + bytes ? word : 0;
  }

  u8(type: number): number | undefined {
    const word = this.word(type, 1);
    return word === 0 ? undefined : this.of!.words[word]! & 0xff;
  }

  u16(type: number): number | undefined {
    const word = this.word(type, 2);
    return word === 0 ? undefined : this.of!.words[word]! & 0xffff;
  }

  be16(type: number): number | undefined {
    const word = this.word(type, 2);
    return word === 0 ? undefined : this.of!.view.getUint16(word << 2);
  }

  u32(type: number): number | undefined {
    const word = this.word(type, 4);
    return word === 0 ? undefined : this.of!.words[word];
  }

  s32(type: number): number | undefined {
    const word = this.word(type, 4);
    return word === 0 ? undefined : this.of!.words[word]! | 0;
  }

  be32(type: number): number | undefined {
    const word = this.word(type, 4);
    return word === 0 ? undefined : this.of!.view.getUint32(word << 2);
  }

  /** Exact up to 2^53; beyond, as the kernel's «never», rounded. */
  u64(type: number): number | undefined {
    const word = this.word(type, 8);
    return word === 0 ? undefined : this.of!.words[word + 1]! * 0x1_0000_0000 + this.of!.words[word]!;
  }

  /** With or without its NUL. */
  text(type: number): string | undefined {
    const at = this.at(type);
    if (at === 0) return undefined;
    const { bytes } = this.of!;
    let end = at + this.lengthAt(at);
    while (end > at && bytes[end - 1] === 0) end--;
    return bytes.toString("utf8", at, end);
  }

  /** Bytes in hex, with colons. */
  mac(type: number): Mac | undefined {
    const at = this.at(type);
    if (at === 0) return undefined;
    const n = this.lengthAt(at);
    if (n === 0) return undefined;
    const { bytes } = this.of!;
    if (n === 6) return macText(bytes, at) as Mac;
    let text = hex[bytes[at]!]!;
    for (let i = 1; i < n; i++) text += `:${hex[bytes[at + i]!]}`;
    return text as Mac;
  }

  ip(type: number): Ip | undefined {
    const at = this.at(type);
    if (at === 0) return undefined;
    const { bytes } = this.of!;
    const n = this.lengthAt(at);
    if (n === 4)
      return `${decimal[bytes[at]!]}.${decimal[bytes[at + 1]!]}.${decimal[bytes[at + 2]!]}.${decimal[bytes[at + 3]!]}` as Ip;
    return n === 16 ? ipFromBytes(bytes.subarray(at, at + 16)) : undefined;
  }

  /** A copy. */
  raw(type: number): Uint8Array | undefined {
    const at = this.at(type);
    return at === 0 ? undefined : Uint8Array.prototype.slice.call(this.of!.bytes, at, at + this.lengthAt(at));
  }

  /** Each attribute inside one, in order, also those that stand several times. */
  each(type: number, visit: (type: number, of: Received, from: number, to: number) => void): void {
    const at = this.at(type);
    if (at === 0) return;
    const { halves } = this.of!;
    const end = at + this.lengthAt(at);
    for (let i = at; i + 4 <= end; ) {
      const n = halves[i >> 1]!;
      if (n < 4 || i + n > end) break;
      visit(halves[(i >> 1) + 1]! & TYPE, this.of!, i + 4, i + n);
      i += (n + 3) & ~3;
    }
  }
}
