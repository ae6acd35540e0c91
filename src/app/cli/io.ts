/** Where a command writes: data on stdout, words on stderr. Given to commands, so that tests can look. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stdout is a terminal. */
  readonly tty: boolean;
  /** Stderr is a terminal: progress may be shown there. */
  readonly progress: boolean;
  /** Width of the terminal in columns; 100 when there is none. */
  readonly columns: number;
  /** Colour is wanted: on a terminal, and NO_COLOR is not set (https://no-color.org). */
  readonly color: boolean;
  out(text: string): void;
  err(text: string): void;
}
