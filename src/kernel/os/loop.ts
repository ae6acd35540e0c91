/** One thread, many sockets: readiness by epoll, and timers. Owns the descriptors that it watches. */
import { epollBatch, openEpoll } from "./epoll.ts";
import { closeSocket } from "./inet-socket.ts";

/** A timer is dropped when its owner is done. */
export interface Owner {
  readonly done: boolean;
}

export interface Loop extends Disposable {
  /** `ready` is called when the descriptor has any of the events. Gives 0 or minus errno (and then closes it). */
  watch(fd: number, events: number, ready: (events: number) => void): number;
  /** Closes a watched descriptor. */
  close(fd: number): void;
  after(ms: number, owner: Owner, act: () => void): void;
  /**
   * Handles what is ready and due; waits for something, `most` milliseconds at the most. Without an end, it does not wait
   * when no timer is set: nothing might ever come.
   */
  turn(most: number): void;
}

interface Timer {
  readonly at: number;
  readonly owner: Owner;
  readonly act: () => void;
}

/** Timers of one delay end in the order in which they were set: a queue each, instead of a heap. */
interface Queue {
  readonly timers: Timer[];
  head: number;
}

/** Full batches of events that are handled before timers. */
const drains = 16;

export const openLoop = (): Loop => {
  const epoll = openEpoll();
  // Tags are never used again, unlike descriptors: an event for one closed in the same turn finds nobody.
  const byTag = new Map<number, (events: number) => void>();
  const tags = new Map<number, number>();
  let lastTag = 0;
  const queues = new Map<number, Queue>();

  const close = (fd: number): void => {
    const tag = tags.get(fd);
    if (tag === undefined) return;
    tags.delete(fd);
    byTag.delete(tag);
    closeSocket(fd);
  };
  const live = (q: Queue): Timer | undefined => {
    while (q.timers[q.head]?.owner.done) q.head++;
    if (q.head > 1024) {
      q.timers.splice(0, q.head);
      q.head = 0;
    }
    return q.timers[q.head];
  };
  const expire = (): void => {
    const now = performance.now();
    for (const q of queues.values())
      for (let t = live(q); t && t.at <= now; t = live(q)) {
        q.head++;
        t.act();
      }
  };
  const nextDue = (): number => {
    let at = Number.POSITIVE_INFINITY;
    for (const q of queues.values()) at = Math.min(at, live(q)?.at ?? at);
    return at;
  };

  return {
    watch: (fd, events, ready) => {
      const tag = ++lastTag;
      const r = epoll.add(fd, events, tag);
      if (r < 0) closeSocket(fd);
      else {
        byTag.set(tag, ready);
        tags.set(fd, tag);
      }
      return r;
    },
    close,
    after: (ms, owner, act) => {
      const q = queues.get(ms) ?? { timers: [], head: 0 };
      queues.set(ms, q);
      q.timers.push({ at: performance.now() + ms, owner, act });
    },
    turn: (most) => {
      const left = most > 0 ? nextDue() - performance.now() : 0;
      const ms = Math.min(most, Math.max(0, Math.ceil(left)));
      if (ms === Number.POSITIVE_INFINITY) return;
      const call = (tag: number, events: number): void => byTag.get(tag)?.(events);
      // What is there already goes before what is due: a process that was kept waiting must not take an answer for late.
      let n = epoll.wait(ms, call);
      for (let more = 0; n === epollBatch && more < drains; more++) n = epoll.wait(0, call);
      expire();
    },
    [Symbol.dispose]: () => {
      for (const fd of tags.keys()) closeSocket(fd);
      epoll[Symbol.dispose]();
    },
  };
};
