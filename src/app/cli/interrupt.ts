/** Ctrl-C, `kill` and a terminal that goes away: a command that can undo what it began is told, and ends by itself. */

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Name = keyof typeof numbers;

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** Exit status of a program that such a signal ended, as shells count: 130 after Ctrl-C. */
  exit(): number;
}

/** Until it is disposed of, these signals do not end the process. */
export const listenForInterrupt = (): Interrupt => {
  const stop = new AbortController();
  let heard: Name = "SIGINT";
  const hear = (name: Name): void => {
    if (stop.signal.aborted) return;
    heard = name;
    stop.abort();
  };
  const names = Object.keys(numbers) as Name[];
  for (const name of names) process.on(name, hear);
  return {
    signal: stop.signal,
    exit: () => 128 + numbers[heard],
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, hear);
    },
  };
};
