/** Main plugin `ipvlan`: an interface with its own addresses and the MAC of a link of the host. */
import type { ChildConfig } from "../../attach/child/config.ts";
import { childVerbs } from "../../attach/child/verbs.ts";
import type { Plugin } from "../../plugin.ts";
import { face } from "./face.ts";
import { ipvlanKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";

export const ipvlan = { ...face, keys: ipvlanKeys, parse: parseConfig, ...childVerbs } satisfies Plugin<ChildConfig>;
