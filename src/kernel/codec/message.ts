/** Netlink message framing (linux/netlink.h, struct nlmsghdr) and the kernel's acks (struct nlmsgerr, extended acks). */
import { at, attrs } from "./attrs.ts";
import { str, u32 } from "./codec.ts";

/** NLM_F_*: what a request wants. */
export const F = {
  request: 1,
  multi: 2,
  ack: 4,
  echo: 8,
  dumpIntr: 0x10,
  root: 0x100,
  match: 0x200,
  dump: 0x300,
  replace: 0x100,
  excl: 0x200,
  create: 0x400,
  append: 0x800,
  nonrec: 0x100,
  capped: 0x100,
  ackTlvs: 0x200,
} as const;

/** NLMSG_*: control messages. */
export const NLMSG = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  readonly pid: number;
  readonly payload: Uint8Array;
}

/** struct nlmsghdr: length u32, type u16, flags u16, sequence u32, port u32. */
const headerSize = 16;

export const writeMessage = (m: Message): Uint8Array => {
  const len = headerSize + m.payload.length;
  const out = new Uint8Array((len + 3) & ~3);
  const v = new DataView(out.buffer);
  v.setUint32(0, len, true);
  v.setUint16(4, m.type, true);
  v.setUint16(6, m.flags, true);
  v.setUint32(8, m.seq, true);
  v.setUint32(12, m.pid, true);
  out.set(m.payload, headerSize);
  return out;
};

/** All messages of one datagram. Payloads point into it: read them before it is used again. */
export const splitMessages = (b: Uint8Array): Message[] => {
  const out: Message[] = [];
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  for (let i = 0; i + headerSize <= b.length; ) {
    const len = v.getUint32(i, true);
    if (len < headerSize || i + len > b.length) break;
    out.push({
      type: v.getUint16(i + 4, true),
      flags: v.getUint16(i + 6, true),
      seq: v.getUint32(i + 8, true),
      pid: v.getUint32(i + 12, true),
      payload: b.subarray(i + headerSize, i + len),
    });
    i += (len + 3) & ~3;
  }
  return out;
};

export interface Ack {
  /** Errno, positive; 0 is success. */
  readonly errno: number;
  /** The kernel's own words (NLMSGERR_ATTR_MSG). */
  readonly said?: string | undefined;
  /** Byte in our request, counted from its nlmsghdr, that the kernel blames (NLMSGERR_ATTR_OFFS). */
  readonly offset?: number | undefined;
  /** Attribute that was missing (NLMSGERR_ATTR_MISS_TYPE). */
  readonly missing?: number | undefined;
}

const ackAttrs = attrs({ said: at(1, str), offset: at(2, u32), missing: at(5, u32) });

/** Reads NLMSG_ERROR, or NLMSG_DONE (whose payload starts with the errno of the dump). */
export const readAck = (m: Message): Ack => {
  const v = new DataView(m.payload.buffer, m.payload.byteOffset, m.payload.byteLength);
  const errno = m.payload.length >= 4 ? -v.getInt32(0, true) : 0;
  if (!(m.flags & F.ackTlvs)) return { errno };
  if (m.type === NLMSG.done) return { errno, ...ackAttrs.read(m.payload.subarray(4)) };
  if (m.payload.length < 4 + headerSize) return { errno };
  const echoed = m.flags & F.capped ? headerSize : v.getUint32(4, true);
  const { said, offset, missing } = ackAttrs.read(m.payload.subarray(4 + ((echoed + 3) & ~3)));
  return { errno, said, offset, missing };
};
