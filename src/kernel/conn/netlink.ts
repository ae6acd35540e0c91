/**
 * A netlink connection: requests with acks, dumps that retry when interrupted, batches. Synchronous: the kernel answers
 * rtnetlink within the send, so waiting costs nothing, and a plan cannot be torn by something else in the process.
 */
import { concatBytes } from "../../base/bytes.ts";
import { FaultError, joinFaults } from "../../base/fault.ts";
import { type Ack, F, type Message, NLMSG, readAck, splitMessages, writeMessage } from "../codec/message.ts";
import { errnoName } from "../os/errno.ts";
import {
  closeFd,
  linkNameOf,
  type NetlinkFamily,
  openNetlinkSocket,
  peekNetlink,
  receiveNetlink,
  receiveOrCut,
  sendNetlink,
  setSendBuffer,
} from "../os/netlink-socket.ts";
import { inNetns } from "../os/netns.ts";
import { must, type Op, opText } from "../os/syscall.ts";
import { scanPass, type Visit } from "./scan.ts";
import type { WireLog } from "./wire-log.ts";

export interface NetlinkRequest {
  readonly type: number;
  /** Besides NLM_F_REQUEST and NLM_F_ACK. */
  readonly flags?: number;
  readonly payload: Uint8Array;
  /** The `ip` (or `nft`) line that this stands for: errors begin with it. */
  readonly op: Op;
  /** Names the attribute at a byte of the payload, for the kernel's complaints. */
  readonly locate?: (payload: Uint8Array, offset: number) => string | undefined;
}

export interface Netlink extends Disposable {
  /** Sends one request and gives what came before its ack. @throws FaultError kernel, permission */
  request(r: NetlinkRequest): Message[];
  /** Asks for one thing (RTM_GET*) and gives its message. @throws FaultError kernel, permission */
  get(r: NetlinkRequest): Message;
  /** All parts of a dump, from one consistent pass. @throws FaultError kernel, permission */
  dump(r: NetlinkRequest): Message[];
  /**
   * Whether a dump has a message that is wanted. It ends with the first that is: how much there is beside it costs nothing.
   * @throws FaultError kernel, permission
   */
  some(r: NetlinkRequest, isWanted: (m: Message) => boolean): boolean;
  /**
   * A dump, each message given to `visit` where it was received, which is far cheaper for thousands of them. `again` is
   * called when a pass was torn and starts anew: what was seen so far does not count. @throws FaultError kernel, permission
   */
  scan(r: NetlinkRequest, visit: Visit, again: () => void): void;
  /** Name of the link with this index, also while a dump is under way; undefined when there is none. */
  linkName(index: number): string | undefined;
  /** Sends many, a datagram of them at a time; each answer is its fault or nothing. All are tried. */
  batch(rs: readonly NetlinkRequest[]): (FaultError | undefined)[];
  /**
   * Sends all as one: the kernel carries out every request between `begin` and `end`, or none (nfnetlink's batches). Gives
   * what it echoed. @throws FaultError kernel, permission: what each refused request was refused for
   */
  transaction(begin: NetlinkRequest, rs: readonly NetlinkRequest[], end: NetlinkRequest): Message[];
  close(): void;
}

export interface NetlinkOptions {
  readonly family?: NetlinkFamily;
  /** Descriptor of the namespace to open the socket in; the caller keeps it, and keeps it open where `some` is asked. */
  readonly netns?: number;
  readonly wireLog?: WireLog;
  /** What is read at once, to begin with: 32 KiB unless given. */
  readonly bufferBytes?: number;
}

const HEADER = 16;
/** The kernel caps a dump's datagram at 32 KiB unless asked for more. */
const RECEIVE = 32 * 1024;
const DUMP_TRIES = 20;
/** Sockets of dumps that ended early, kept open at most. */
const ASIDE = 8;
/** Acks of one datagram must fit the socket's receive buffer (208 KiB by default, about 1 KiB booked for each). */
const BATCH = 64;
/** A datagram of this many bytes fits the send buffer that every socket has. */
const ROOMY = 64 * 1024;

/** What the kernel said as a fault, which begins with the line that a person would have typed. */
export const ackFault = (r: NetlinkRequest, ack: Ack): FaultError => {
  const errno = errnoName(ack.errno);
  // With words of its own the kernel refuses the change, not the person.
  if (errno === "EPERM" && ack.said === undefined)
    return new FaultError({ kind: "permission", op: opText(r.op), needs: "CAP_NET_ADMIN" });
  const at = ack.offset !== undefined ? r.locate?.(r.payload, ack.offset - HEADER) : undefined;
  const missing = ack.missing !== undefined ? `missing attribute ${ack.missing}` : undefined;
  const said = [ack.said, at && `at ${at}`, missing].filter(Boolean).join(", ");
  return new FaultError({ kind: "kernel", op: opText(r.op), errno, ...(said ? { said } : {}) });
};

const tornDumps = (r: NetlinkRequest): FaultError =>
  new FaultError({
    kind: "kernel",
    op: opText(r.op),
    errno: "EINTR",
    said: `the table changed during each of ${DUMP_TRIES} dumps`,
  });

export const openNetlink = (options: NetlinkOptions = {}): Netlink => {
  const { family = "route", netns, wireLog } = options;
  const open = (): number => openNetlinkSocket(family);
  const openHere = (): number => (netns === undefined ? open() : inNetns(netns, open));
  let fd = openHere();
  let seq = 0;
  let buffer: Uint8Array | undefined;

  const send = (b: Uint8Array, op: Op): void => {
    wireLog?.add(family, b, "out");
    must(sendNetlink(fd, b), op);
  };
  const frame = (r: NetlinkRequest, flags: number): Uint8Array =>
    writeMessage({ type: r.type, flags: F.request | flags | (r.flags ?? 0), seq: ++seq, pid: 0, payload: r.payload });
  /** The next datagram's messages; payloads are copied out of the buffer, which grows for one that does not fit. */
  const receive = (op: Op): Message[] => {
    const size = must(peekNetlink(fd), op);
    if (!buffer || size > buffer.length) buffer = new Uint8Array(Math.max(options.bufferBytes ?? RECEIVE, size));
    return received(must(receiveNetlink(fd, buffer), op));
  };
  const received = (n: number): Message[] => {
    const bytes = buffer!.slice(0, n);
    wireLog?.add(family, bytes, "in");
    return splitMessages(bytes);
  };

  // No ack is asked for, since the answer is one, and nothing is peeked at: four system calls less for each look. An
  // answer that was cut is asked for again.
  const get = (r: NetlinkRequest): Message => {
    send(frame(r, 0), r.op);
    for (;;) {
      buffer ??= new Uint8Array(options.bufferBytes ?? RECEIVE);
      const n = must(receiveOrCut(fd, buffer), r.op);
      if (n > buffer.length) {
        buffer = new Uint8Array(n);
        send(frame(r, 0), r.op);
        continue;
      }
      for (const m of received(n)) {
        if (m.seq !== seq) continue; // left over from a request that was given up
        if (m.type !== NLMSG.error) return m;
        throw ackFault(r, readAck(m));
      }
    }
  };

  const request = (r: NetlinkRequest): Message[] => {
    send(frame(r, F.ack), r.op);
    const mine = seq;
    const out: Message[] = [];
    for (;;)
      for (const m of receive(r.op)) {
        if (m.seq !== mine) continue; // left over from a request that was given up
        if (m.type !== NLMSG.error) {
          out.push(m);
          continue;
        }
        const ack = readAck(m);
        if (ack.errno !== 0) throw ackFault(r, ack);
        return out;
      }
  };

  /** One pass, up to a message that is enough; undefined when the kernel says that the table changed under it. */
  const dumpOnce = (r: NetlinkRequest, isEnough: (m: Message) => boolean = () => false): Message[] | undefined => {
    send(frame(r, F.dump), r.op);
    const mine = seq;
    const out: Message[] = [];
    let torn = false;
    for (;;)
      for (const m of receive(r.op)) {
        if (m.seq !== mine) continue; // left over from a dump that was given up
        if (m.flags & F.dumpIntr) torn = true;
        if (m.type === NLMSG.error || m.type === NLMSG.done) {
          const ack = readAck(m);
          if (ack.errno !== 0) throw ackFault(r, ack);
          return torn ? undefined : out;
        }
        out.push(m);
        if (isEnough(m)) return out;
      }
  };
  const dump = (r: NetlinkRequest, once: (r: NetlinkRequest) => Message[] | undefined = dumpOnce): Message[] => {
    for (let i = 0; i < DUMP_TRIES; i++) {
      const out = once(r);
      if (out) return out;
    }
    throw tornDumps(r);
  };
  const scan = (r: NetlinkRequest, visit: Visit, again: () => void): void => {
    const log = (bytes: Uint8Array): void => wireLog?.add(family, bytes, "in");
    for (let i = 0; i < DUMP_TRIES; i++) {
      send(frame(r, F.dump), r.op);
      const pass = { fd, seq, op: r.op, bufferBytes: options.bufferBytes ?? RECEIVE, log };
      const { ack, torn } = scanPass(pass, visit);
      if (ack.errno !== 0) throw ackFault(r, ack);
      if (!torn) return;
      again();
    }
    throw tornDumps(r);
  };

  // On a socket of its own: one with an unfinished dump takes no other. The kernel begins a new socket's dump with a few
  // kilobytes. Closed with the rest, or when there are many: the kernel lets a close of nfnetlink wait for whatever a
  // transaction before it has deleted, tens of milliseconds (nft_rcv_nl_event).
  const aside: number[] = [];
  const some = (r: NetlinkRequest, isWanted: (m: Message) => boolean): boolean => {
    let found = false;
    const isIt = (m: Message): boolean => {
      found = isWanted(m);
      return found;
    };
    const usual = fd;
    dump(r, () => {
      fd = openHere();
      try {
        return dumpOnce(r, isIt);
      } finally {
        aside.push(fd);
        if (aside.length > ASIDE) closeFd(aside.shift()!);
        fd = usual;
      }
    });
    return found;
  };

  const batchOnce = (rs: readonly NetlinkRequest[]): (FaultError | undefined)[] => {
    const first = seq + 1;
    const frames = rs.map((r) => frame(r, F.ack));
    send(Buffer.concat(frames), rs[0]!.op);
    const out = Array<FaultError | undefined>(rs.length).fill(undefined);
    let open = rs.length;
    while (open > 0)
      for (const m of receive(rs[0]!.op)) {
        const i = m.seq - first;
        const r = rs[i];
        if (m.type !== NLMSG.error || !r) continue;
        const ack = readAck(m);
        if (ack.errno !== 0) out[i] = ackFault(r, ack);
        open--;
      }
    return out;
  };
  const batch = (rs: readonly NetlinkRequest[]): (FaultError | undefined)[] => {
    const out: (FaultError | undefined)[] = [];
    for (let i = 0; i < rs.length; i += BATCH) out.push(...batchOnce(rs.slice(i, i + BATCH)));
    return out;
  };

  // Every request between is acknowledged, also beside one that fails; what concerns the whole bears the first one's number.
  const transaction = (begin: NetlinkRequest, rs: readonly NetlinkRequest[], end: NetlinkRequest): Message[] => {
    const first = frame(begin, 0);
    const whole = seq;
    const bytes = concatBytes([first, ...rs.map((r) => frame(r, F.ack)), frame(end, 0)]);
    if (bytes.length > ROOMY) setSendBuffer(fd, 2 * bytes.length);
    send(bytes, begin.op);
    const out: Message[] = [];
    const faults: FaultError[] = [];
    for (let open = rs.length; open > 0; )
      for (const m of receive(begin.op)) {
        if (m.seq < whole || m.seq > whole + rs.length) continue; // left over from a request that was given up
        if (m.type !== NLMSG.error) {
          out.push(m);
          continue;
        }
        const ack = readAck(m);
        const r = rs[m.seq - whole - 1];
        if (ack.errno !== 0) faults.push(ackFault(r ?? begin, ack));
        if (r === undefined) throw joinFaults(faults);
        open--;
      }
    if (faults.length > 0) throw joinFaults(faults);
    return out;
  };

  const close = (): void => {
    for (const one of [...aside.splice(0), fd]) closeFd(one);
  };
  return {
    request,
    get,
    dump: (r) => dump(r),
    some,
    scan,
    linkName: (index) => linkNameOf(fd, index),
    batch,
    transaction,
    close,
    [Symbol.dispose]: close,
  };
};
