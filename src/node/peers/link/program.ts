/** A program that listens on its own streams, such as `ssh HOST podwire node listen --stdio`: its lines, then a pipe. */
import { FaultError } from "../../../base/fault.ts";
import type { Pipe } from "./pipe.ts";

/** What a line for us begins with: a login shell may print words of its own before. */
export const linePrefix = "podwire: ";

export interface Program {
  /** The next line that is for us, without its beginning. @throws FaultError no-answer when it ends before */
  line(): Promise<string>;
  write(bytes: Uint8Array): Promise<void>;
  /** From here on, all is the pipe's. */
  readonly pipe: Pipe;
  kill(): void;
  /** Resolves when it is no more; one that does not end by itself is ended. */
  ended(): Promise<void>;
}

export interface ProgramOptions {
  readonly who: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a line must be there. */
  readonly patience: number;
}

/** Milliseconds for a program that was told that it is over. */
const graceMs = 3000;

export const startProgram = ({ who, argv, env, patience }: ProgramOptions): Program => {
  const child = Bun.spawn([...argv], { stdin: "pipe", stdout: "pipe", stderr: "pipe", env });
  let held: Uint8Array = new Uint8Array();
  let wake = (): void => {};
  let take: ((bytes: Uint8Array) => void) | undefined;
  let end: ((why: string) => void) | undefined;
  let over: string | undefined;
  let closed = false;
  const lastWords: string[] = [];

  const readWords = async (): Promise<void> => {
    for await (const bytes of child.stderr)
      lastWords.push(
        ...Buffer.from(bytes)
          .toString("utf8")
          .split("\n")
          .filter((line) => line.trim() !== ""),
      );
  };
  const read = async (): Promise<void> => {
    const words = readWords();
    for await (const bytes of child.stdout) {
      if (take) take(bytes);
      else {
        held = new Uint8Array(Buffer.concat([held, bytes]));
        wake();
      }
    }
    await words;
    const status = await child.exited;
    over = lastWords.at(-1) ?? `it ended with status ${status}`;
    wake();
    if (!closed) end?.(over);
  };
  void read();

  const takeLine = (): string | undefined => {
    for (let at = held.indexOf(10); at >= 0; at = held.indexOf(10)) {
      const line = Buffer.from(held.subarray(0, at)).toString("utf8").trim();
      held = held.slice(at + 1);
      if (line.startsWith(linePrefix)) return line.slice(linePrefix.length);
    }
    return undefined;
  };
  const kill = (): void => {
    closed = true;
    child.kill();
  };
  return {
    line: async () => {
      const until = performance.now() + patience;
      for (;;) {
        const line = takeLine();
        if (line !== undefined) return line;
        const left = until - performance.now();
        const fail = (why: string): FaultError => new FaultError({ kind: "no-answer", who: `answer from ${who}`, why });
        if (over !== undefined) throw fail(over);
        if (left <= 0) throw fail(`nothing within ${patience / 1000} s`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    write: async (bytes) => {
      child.stdin.write(bytes);
      await child.stdin.flush();
    },
    pipe: {
      who,
      write: (bytes) => {
        if (closed || over !== undefined) return;
        child.stdin.write(bytes);
        void child.stdin.flush();
      },
      close: () => {
        closed = true;
        // It ends by itself when it has nothing more to read.
        void child.stdin.end();
      },
      listen: (data, ended) => {
        take = data;
        end = ended;
        if (held.length > 0) data(held);
        held = new Uint8Array();
        if (over !== undefined) ended(over);
      },
    },
    kill,
    ended: async () => {
      const timer = setTimeout(kill, graceMs);
      if (!closed) kill();
      await child.exited;
      clearTimeout(timer);
    },
  };
};
