/** Main plugin `macvlan`: an interface with its own MAC on a link of the host. */
import type { ChildConfig } from "../../attach/child/config.ts";
import { childVerbs } from "../../attach/child/verbs.ts";
import type { Plugin } from "../../plugin.ts";
import { face } from "./face.ts";
import { macvlanKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";

export const macvlan = { ...face, keys: macvlanKeys, parse: parseConfig, ...childVerbs } satisfies Plugin<ChildConfig>;
