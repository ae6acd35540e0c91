/** The daemon's socket: each connection brings one line, gets one line, and is closed. */
import { FaultError, faultOf } from "../../../../base/fault.ts";
import { errnoName } from "../../../../kernel/os/errno.ts";
import { findStat, unlinkSync } from "../../../../kernel/os/files.ts";
import { acceptSocket, closeSocket, receiveBytes, sendBytes } from "../../../../kernel/os/inet-socket.ts";
import { connectUnix, listenUnix } from "../../../../kernel/os/unix-socket.ts";
import { decodeQuestion, encodeReply, type Reply } from "../protocol.ts";
import type { Daemon } from "./daemon.ts";
import type { Loop } from "./loop.ts";

const rootOnly = 0o600;
const backlog = 1024;
/** A GC's list of many thousand attachments is about one. */
const longestLine = 4 * 1024 * 1024;
/** Milliseconds to wait for descriptors, when all are in use. */
const breath = 100;

/** Listens at a path; what a dead daemon left there is removed. @throws FaultError exists when another one answers, io */
export const listen = (path: string): number => {
  if (findStat(path)) {
    const other = connectUnix(path);
    if (other >= 0) {
      closeSocket(other);
      throw new FaultError({
        kind: "exists",
        what: `socket ${path}`,
        why: "someone answers there",
        fix: `ss -xlp src ${path}`,
      });
    }
    unlinkSync(path);
  }
  const fd = listenUnix(path, rootOnly, backlog);
  if (fd >= 0) return fd;
  throw new FaultError({ kind: "io", op: "listen at", path, errno: errnoName(-fd) });
};

export const serve = (loop: Loop, listener: number, daemon: Daemon, log: (line: string) => void): void => {
  loop.watch(listener, () => {
    const { n } = acceptSocket(listener);
    if (n >= 0) {
      converse(loop, n, daemon);
      return;
    }
    const errno = errnoName(-n);
    if (errno === "EAGAIN" || errno === "ECONNABORTED") return;
    log(`could not take a connection: ${errno}`);
    Bun.sleepSync(breath);
  });
};

const converse = (loop: Loop, fd: number, daemon: Daemon): void => {
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  let text = "";
  let asked = false;
  let open = true;
  let hangUp = (): void => {};

  const close = (): void => {
    open = false;
    loop.close(fd);
  };
  const answer = (reply: Reply): boolean => {
    if (!open) return false;
    const bytes = new TextEncoder().encode(encodeReply(reply));
    const sent = sendBytes(fd, bytes);
    close();
    return sent === bytes.length;
  };
  const question = (line: string): void => {
    asked = true;
    try {
      hangUp = daemon.ask(decodeQuestion(line), answer);
    } catch (error) {
      answer({ fault: faultOf(error) });
    }
  };
  loop.watch(fd, () => {
    const n = receiveBytes(fd, buffer);
    if (n === -EAGAIN) return;
    if (n <= 0 || text.length > longestLine) {
      close();
      hangUp();
      return;
    }
    // One question for each connection: what follows is not read.
    if (asked) return;
    text += decoder.decode(buffer.subarray(0, n), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) question(text.slice(0, end));
  });
};
const EAGAIN = 11;
