/** Every chapter of cases: a new one is a file and two lines here. They are embedded as text and read when asked for. */
import { parseChapter } from "../parse.ts";
import type { Chapter } from "../schema.ts";
import loopback from "./loopback.yaml" with { type: "text" };
import protocol from "./protocol.yaml" with { type: "text" };

const files: Readonly<Record<string, string>> = { protocol, loopback };

/** @throws FaultError bad-syntax */
export const builtInChapters = (): Chapter[] =>
  Object.entries(files).map(([name, text]) => parseChapter(text, `${name}.yaml`));
