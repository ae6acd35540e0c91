/** The plugin's side of the daemon's socket: one question, one answer. */
import { FaultError } from "../../../base/fault.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import { closeSync, readText } from "../../../kernel/os/files.ts";
import { sendBytes } from "../../../kernel/os/inet-socket.ts";
import { connectUnix } from "../../../kernel/os/unix-socket.ts";
import type { Lease } from "./lease.ts";
import { decodeReply, encodeQuestion, type Question } from "./protocol.ts";

/** No daemon listens there; `why` says how that shows. */
export interface NoDaemon {
  readonly noDaemon: string;
}

const nobody = ["ENOENT", "ECONNREFUSED", "ENOTDIR"];

/** The answer's lease, when it has one. @throws FaultError what the daemon says, io */
export const ask = (socket: string, question: Question): { readonly lease?: Lease } | NoDaemon => {
  const fd = connectUnix(socket);
  if (fd < 0) {
    const errno = errnoName(-fd);
    if (nobody.includes(errno)) return { noDaemon: errno };
    throw new FaultError({ kind: "io", op: "connect to the dhcp daemon at", path: socket, errno });
  }
  try {
    // One of another kind may hang up before it has heard all: what it says is what counts.
    sendAll(fd, new TextEncoder().encode(encodeQuestion(question)));
    const answer = readText(fd);
    if (!answer.startsWith("{") || !answer.endsWith("\n")) throw stranger(socket, answer);
    const lease = decodeReply(answer);
    return lease ? { lease } : {};
  } finally {
    closeSync(fd);
  }
};

const sendAll = (fd: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) {
    const n = sendBytes(fd, bytes.subarray(at));
    if (n <= 0) return;
    at += n;
  }
};

const stranger = (socket: string, answer: string): FaultError =>
  new FaultError({
    kind: "unavailable",
    why:
      answer === ""
        ? `the dhcp daemon at ${socket} hung up without an answer`
        : `what answers at ${socket} is not podwire's dhcp daemon`,
    fix: `ss -xlp src ${socket}`,
  });
