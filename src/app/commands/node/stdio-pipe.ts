/** Our own standard input and output as a pipe to the one who started us. The first line is the token. */

import type { Pipe } from "../../../node/peers/link/pipe.ts";
import { linePrefix } from "../../../node/peers/link/program.ts";
import { writeAll, writeAllBytes } from "../../write-all.ts";

export interface Stdio {
  readonly token: string;
  readonly pipe: Pipe;
}

/** Says that it is ready, and reads the token; undefined when nobody sends one. */
export const openStdio = (): Promise<Stdio | undefined> =>
  new Promise((resolve) => {
    let held: Uint8Array = new Uint8Array();
    let take: ((bytes: Uint8Array) => void) | undefined;
    let end: ((why: string) => void) | undefined;
    let over = false;
    const pipe: Pipe = {
      who: "the one who started this",
      write: (bytes) => {
        if (over) return;
        try {
          writeAllBytes(1, bytes);
        } catch {
          stop();
        }
      },
      close: () => {
        over = true;
      },
      listen: (data, ended) => {
        take = data;
        end = ended;
        if (held.length > 0) data(held);
        held = new Uint8Array();
        if (over) ended("it is gone");
      },
    };
    const stop = (): void => {
      if (over) return;
      over = true;
      resolve(undefined);
      end?.("it is gone");
    };
    let token: string | undefined;
    process.stdin.on("data", (bytes: Buffer) => {
      if (take) {
        take(new Uint8Array(bytes));
        return;
      }
      held = new Uint8Array(Buffer.concat([held, bytes]));
      const at = held.indexOf(10);
      if (token !== undefined || at < 0) return;
      token = Buffer.from(held.subarray(0, at)).toString("utf8");
      held = held.slice(at + 1);
      resolve({ token, pipe });
    });
    process.stdin.on("end", stop);
    process.stdin.on("close", stop);
    writeAll(1, `${linePrefix}ready\n`);
  });
