/** A dump's messages, each given where it was received: for those who look at thousands, and keep little of each. */
import { type Ack, F, NLMSG, readAck, splitMessages } from "../codec/message.ts";
import { type Received, receivedBytes } from "../codec/received.ts";
import { peekNetlink, receiveNetlink } from "../os/netlink-socket.ts";
import { must, type Op } from "../os/syscall.ts";

/** Message type, and from where to where its payload lies. What it is given is overwritten when it has returned. */
export type Visit = (of: Received, type: number, from: number, to: number) => void;

export interface Pass {
  readonly fd: number;
  /** Of the request that has been sent. */
  readonly seq: number;
  readonly op: Op;
  /** What is read at once, unless the kernel has more. */
  readonly bufferBytes: number;
  readonly log: (bytes: Uint8Array) => void;
}

const HEADER = 16;

/** Visits all of one pass. Gives how it ended, and whether the kernel says that the table changed under it. */
export const scanPass = ({ fd, seq, op, bufferBytes, log }: Pass, visit: Visit): { ack: Ack; torn: boolean } => {
  let torn = false;
  let buffer = new Uint8Array((bufferBytes + 3) & ~3);
  let of = receivedBytes(buffer);
  for (;;) {
    const size = must(peekNetlink(fd), op);
    if (size > buffer.length) {
      buffer = new Uint8Array((size + 3) & ~3);
      of = receivedBytes(buffer);
    }
    const n = must(receiveNetlink(fd, buffer), op);
    log(buffer.subarray(0, n));
    const { words } = of;
    for (let i = 0; i + HEADER <= n; ) {
      const length = words[i >> 2]!;
      if (length < HEADER || i + length > n) break;
      const kind = words[(i >> 2) + 1]!;
      const type = kind & 0xffff;
      // Another number is left over from a request that was given up.
      if (words[(i >> 2) + 2] === seq) {
        if ((kind >>> 16) & F.dumpIntr) torn = true;
        if (type === NLMSG.error || type === NLMSG.done)
          return { ack: readAck(splitMessages(buffer.slice(i, i + length))[0]!), torn };
        visit(of, type, i + HEADER, i + length);
      }
      i += (length + 3) & ~3;
    }
  }
};
