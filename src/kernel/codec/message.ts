/** Netlink message framing (linux/netlink.h, struct nlmsghdr) and the kernel's acks (struct nlmsgerr, extended acks). */
import { at, attrs } from "./attrs.ts";
import { str, u16, u32 } from "./codec.ts";
import { struct } from "./struct.ts";

/** NLM_F_*: what a request wants. */
export const F = {
  request: 1,
  multi: 2,
  ack: 4,
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

const header = struct({ len: u32, type: u16, flags: u16, seq: u32, pid: u32 });

export const writeMessage = (m: Message): Uint8Array => {
  const len = header.size + m.payload.length;
  const out = new Uint8Array((len + 3) & ~3);
  out.set(header.write({ len, type: m.type, flags: m.flags, seq: m.seq, pid: m.pid }));
  out.set(m.payload, header.size);
  return out;
};

/** All messages of one datagram. Payloads point into it: read them before it is used again. */
export const splitMessages = (b: Uint8Array): Message[] => {
  const out: Message[] = [];
  for (let i = 0; i + header.size <= b.length; ) {
    const { len, ...h } = header.read(b.subarray(i, i + header.size));
    if (len < header.size || i + len > b.length) break;
    out.push({ ...h, payload: b.subarray(i + header.size, i + len) });
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
  if (m.payload.length < 4 + header.size) return { errno };
  const echoed = m.flags & F.capped ? header.size : v.getUint32(4, true);
  const { said, offset, missing } = ackAttrs.read(m.payload.subarray(4 + ((echoed + 3) & ~3)));
  return { errno, said, offset, missing };
};
