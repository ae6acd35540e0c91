/** Bytes both ways, in order: a TCP connection, or the two ends of a program. */
import type { Socket } from "node:net";

export interface Pipe {
  /** Who is on the other side, for messages. */
  readonly who: string;
  write(bytes: Uint8Array): void;
  /** Ends it; nothing is heard any more. */
  close(): void;
  /** Called once, by whoever reads; what has come before is given then. `end` is called once. */
  listen(data: (bytes: Uint8Array) => void, end: (why: string) => void): void;
}

/** Seconds after which the kernel asks a silent TCP connection whether the other side still lives. */
const keepAlive = 10;

export const socketPipe = (socket: Socket, who: string): Pipe => {
  let why = "the connection was closed";
  let ended = false;
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAlive * 1000);
  socket.on("error", (error) => {
    why = error.message;
  });
  // Bytes that come before somebody listens wait in the socket.
  socket.pause();
  return {
    who,
    write: (bytes) => {
      if (!ended) socket.write(bytes);
    },
    close: () => {
      ended = true;
      socket.end();
      socket.destroySoon();
    },
    listen: (data, end) => {
      socket.on("data", (bytes: Buffer) => {
        if (!ended) data(new Uint8Array(bytes));
      });
      socket.on("close", () => {
        if (ended) return;
        ended = true;
        end(why);
      });
      socket.resume();
    },
  };
};

/** Two pipes that are each other's end, for tests and for a node that speaks to itself. */
export const pipePair = (): [Pipe, Pipe] => {
  const make = (who: string) => {
    const held: Uint8Array[] = [];
    let take: ((bytes: Uint8Array) => void) | undefined;
    let over: ((why: string) => void) | undefined;
    let closed = false;
    return {
      who,
      give: (bytes: Uint8Array): void => {
        if (closed) return;
        if (take) take(bytes);
        else held.push(bytes);
      },
      end: (): void => {
        if (!closed) over?.("the connection was closed");
        closed = true;
      },
      listen: (data: (bytes: Uint8Array) => void, end: (why: string) => void): void => {
        take = data;
        over = end;
        for (const bytes of held.splice(0)) data(bytes);
      },
      shut: (): void => {
        closed = true;
      },
    };
  };
  const [a, b] = [make("first"), make("second")];
  const pipe = (own: typeof a, other: typeof a): Pipe => ({
    who: other.who,
    write: (bytes) => queueMicrotask(() => other.give(bytes)),
    close: () => {
      own.shut();
      queueMicrotask(() => other.end());
    },
    listen: own.listen,
  });
  return [pipe(a, b), pipe(b, a)];
};
