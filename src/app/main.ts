/** The one executable. As `podwire` it is the command line. */
import { writeSync } from "node:fs";
import { cliMain } from "./cli/cli.ts";

/** Writes all of it, also into a pipe that is full for the moment. */
const write = (fd: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; )
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
};

process.exit(await cliMain(process.argv.slice(2), write));
