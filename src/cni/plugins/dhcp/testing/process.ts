/** Programs that run beside a test: their lines, waited for as they come. */
export interface Running {
  readonly pid: number;
  /** All that it has said so far. */
  readonly lines: readonly string[];
  /** The next line from `from` on (default: the first) that matches. @throws Error when it ends without one */
  line(match: RegExp, from?: number): Promise<string>;
  /** Ends it by a signal and waits for that. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Its standard error is what it says. */
export const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running => {
  const child = Bun.spawn([...argv], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const lines: string[] = [];
  let ended = false;
  let wake: () => void = () => {};
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of child.stderr) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      wake();
    }
    ended = true;
    wake();
  };
  const done = read();
  return {
    pid: child.pid,
    lines,
    line: async (match, from = 0) => {
      for (let at = from; ; ) {
        for (; at < lines.length; at++) if (match.test(lines[at]!)) return lines[at]!;
        if (ended) throw new Error(`${argv.join(" ")} ended and never said ${match}; it said:\n${lines.join("\n")}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    end: async (signal = "SIGKILL") => {
      child.kill(signal);
      await child.exited;
      await done;
    },
  };
};
