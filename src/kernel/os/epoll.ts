/** epoll: which of many descriptors are ready. Struct epoll_event is packed on x86-64 only (include/uapi/linux/eventpoll.h). */
import { must, sys } from "./syscall.ts";

export const EPOLL = {
  in: 1,
  out: 4,
  err: 8,
  /** Only when it becomes ready, not while it is. */ edge: 0x80000000,
} as const;
const EPOLL_CLOEXEC = 0x80000;
const CTL_ADD = 1;
/** Size of struct epoll_event and the place of its `data`. */
const [size, dataAt] = process.arch === "arm64" ? [16, 8] : [12, 4];
/** Events that one wait gives at most. */
export const epollBatch = 256;

export interface Epoll extends Disposable {
  /** Watches a descriptor; closing the descriptor ends it. Gives 0 or minus errno. */
  add(fd: number, events: number, tag: number): number;
  /** Waits at most `ms` (-1: for ever) and calls `ready` for each descriptor with its tag. Gives how many there were. */
  wait(ms: number, ready: (tag: number, events: number) => void): number;
}

export const openEpoll = (): Epoll => {
  const fd = must(sys("epoll_create1", EPOLL_CLOEXEC), "epoll_create1", "nothing");
  const one = new Uint8Array(size);
  const oneView = new DataView(one.buffer);
  const many = new Uint8Array(epollBatch * size);
  const view = new DataView(many.buffer);
  return {
    add: (of, events, tag) => {
      oneView.setUint32(0, events, true);
      oneView.setUint32(dataAt, tag, true);
      return sys("epoll_ctl", fd, CTL_ADD, of, one);
    },
    wait: (ms, ready) => {
      const n = must(sys("epoll_pwait", fd, many, epollBatch, ms, null, 8), "epoll_pwait", "nothing");
      for (let i = 0; i < n; i++) ready(view.getUint32(i * size + dataAt, true), view.getUint32(i * size, true));
      return n;
    },
    [Symbol.dispose]: () => {
      sys("close", fd);
    },
  };
};
