/** How this program is started again: compiled it is one file, from source it is Bun and the entry. */
export const selfCommand = (): string[] =>
  Bun.main.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, Bun.main];
