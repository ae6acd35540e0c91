/** The command line as a test meets it: what was written where, and the exit status. Not a terminal. */
import { cliMain } from "../cli.ts";
import type { Io } from "../io.ts";

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** An output that remembers. */
export const listeningIo = (over: Partial<Io> = {}): { io: Io; said: { out: string; err: string } } => {
  const said = { out: "", err: "" };
  const hear = (on: keyof typeof said) => (text: string) => {
    said[on] += text;
  };
  const quiet = { env: {}, tty: false, progress: false, columns: 100, color: false };
  return { io: { ...quiet, out: hear("out"), err: hear("err"), ...over }, said };
};

export const runCli = async (argv: readonly string[], over: Partial<Io> = {}): Promise<Said> => {
  const { io, said } = listeningIo(over);
  const exit = await cliMain(argv, () => undefined, io);
  return { exit, ...said };
};
