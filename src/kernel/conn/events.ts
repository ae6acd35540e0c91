/**
 * What changes in a namespace, as it changes: multicast groups of rtnetlink as an async iterable. The socket hangs on
 * the event loop: no thread waits for it (a blocking read would hold one of the runtime's few, one for each CPU).
 */
import { closeSync, openSync } from "node:fs";
import { FaultError } from "../../base/fault.ts";
import { type Message, splitMessages } from "../codec/message.ts";
import { closeFd, joinGroup, openNetlinkSocket, setReceiveBuffer } from "../os/netlink-socket.ts";
import { inNetns } from "../os/netns.ts";
import { type Change, type EventGroup, eventGroups, readChange } from "./change.ts";
import type { WireLog } from "./wire-log.ts";

/** Changes came faster than they were taken and some are lost. Whoever keeps a copy of the state reads it anew. */
export interface Overrun {
  readonly overrun: true;
}
export type NetEvent = Change | Overrun;

export interface EventsOf<E> extends AsyncIterable<E>, Disposable {
  /** The next event; undefined once closed, or when `signal` aborts, which loses nothing. */
  next(signal?: AbortSignal): Promise<E | undefined>;
  /** Whether one waits to be taken. */
  waiting(): boolean;
  /** Ends iteration at once, also one that waits. */
  close(): void;
}

export type Events = EventsOf<NetEvent>;

export interface EventsOptions {
  /** Descriptor of the namespace to listen in; the caller keeps it. */
  readonly netns?: number;
  /** Default: all. */
  readonly groups?: readonly EventGroup[];
  /** What the kernel holds for us until we take it; default 1 MiB. */
  readonly bufferBytes?: number;
  /** Events held until they are taken; default 10,000. Beyond, they give way to one `overrun`. */
  readonly limit?: number;
  readonly wireLog?: WireLog;
}

/** Listens from now on: a change made after this returns is not missed. @throws FaultError kernel, permission */
export const openEvents = (options: EventsOptions = {}): Events => openEventsAs(readChange, options);

/** The same, with each message read in the listener's own way; undefined passes over it. @throws FaultError kernel, permission */
export const openEventsAs = <T>(
  readMessage: (m: Message) => T | undefined,
  options: EventsOptions = {},
): EventsOf<T | Overrun> => {
  const { groups = Object.keys(eventGroups) as EventGroup[], bufferBytes = 1024 * 1024, limit = 10_000 } = options;
  // Kept for after an overrun, when the socket is opened anew.
  const home = openSync(
    options.netns === undefined ? "/proc/thread-self/ns/net" : `/proc/self/fd/${options.netns}`,
    "r",
  );
  let queue: (T | Overrun)[] = [];
  let waiters: (() => void)[] = [];
  let socket: Bun.Socket | undefined;
  let closed = false;

  const wake = (): void => {
    const all = waiters;
    waiters = [];
    for (const go of all) go();
  };
  const push = (...events: readonly (T | Overrun)[]): void => {
    queue.push(...events);
    if (queue.length > limit) queue = [{ overrun: true }];
    wake();
  };

  const listen = (): void => {
    const fd = inNetns(home, () => openNetlinkSocket("route"));
    try {
      setReceiveBuffer(fd, bufferBytes);
      for (const group of groups) for (const n of eventGroups[group]) joinGroup(fd, n);
    } catch (error) {
      closeFd(fd);
      throw error;
    }
    const socketOptions = {
      fd,
      socket: {
        open: (s: Bun.Socket) => {
          socket = s;
          if (closed) s.terminate();
        },
        data: (_: Bun.Socket, data: Uint8Array) => {
          const bytes = new Uint8Array(data); // theirs is used again
          options.wireLog?.add("route", bytes, "in");
          push(...splitMessages(bytes).flatMap((m) => readMessage(m) ?? []));
        },
        // ENOBUFS ends the runtime's socket, and the kernel's queue with it.
        close: () => {
          socket = undefined;
          if (closed) return;
          listen();
          push({ overrun: true });
        },
        error: () => {},
      },
    };
    // The typings know hosts and paths; a descriptor that is open already is taken as well.
    void Bun.connect(socketOptions as unknown as Bun.UnixSocketOptions<undefined>);
  };

  const next = async (signal?: AbortSignal): Promise<T | Overrun | undefined> => {
    while (queue.length === 0 && !closed && !signal?.aborted)
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    return closed || signal?.aborted ? undefined : queue.shift();
  };
  const close = (): void => {
    if (closed) return;
    closed = true;
    socket?.terminate();
    closeSync(home);
    wake();
  };

  try {
    listen();
  } catch (error) {
    closeSync(home);
    throw error;
  }
  return {
    next,
    waiting: () => queue.length > 0,
    close,
    [Symbol.dispose]: close,
    async *[Symbol.asyncIterator]() {
      try {
        for (let event = await next(); event; event = await next()) yield event;
      } finally {
        close();
      }
    },
  };
};

/**
 * The first event that satisfies `test`; those before it are passed over. What is waited for may have happened already:
 * open the events first, then look, then wait.
 * @throws FaultError unavailable when it does not come within `ms` milliseconds, or when the events are closed
 */
export const waitFor = async (
  events: Events,
  what: string,
  test: (event: NetEvent) => boolean,
  ms: number,
): Promise<NetEvent> => {
  const deadline = AbortSignal.timeout(ms);
  for (;;) {
    const event = await events.next(deadline);
    if (event && test(event)) return event;
    if (!event)
      throw new FaultError({
        kind: "unavailable",
        why: deadline.aborted ? `${what}: did not happen within ${ms} ms` : `${what}: no longer listening`,
      });
  }
};
