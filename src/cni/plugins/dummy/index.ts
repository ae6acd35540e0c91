/** Main plugin `dummy`: an interface that leads nowhere. */
import type { ChildConfig } from "../../attach/child/config.ts";
import { childVerbs } from "../../attach/child/verbs.ts";
import type { Plugin } from "../../plugin.ts";
import { face } from "./face.ts";
import { dummyKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";

export const dummy = { ...face, keys: dummyKeys, parse: parseConfig, ...childVerbs } satisfies Plugin<ChildConfig>;
