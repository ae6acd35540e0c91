/** Main plugin `vlan`: a VLAN of a link of the host. */
import type { ChildConfig } from "../../attach/child/config.ts";
import { childVerbs } from "../../attach/child/verbs.ts";
import type { Plugin } from "../../plugin.ts";
import { face } from "./face.ts";
import { vlanKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";

export const vlan = { ...face, keys: vlanKeys, parse: parseConfig, ...childVerbs } satisfies Plugin<ChildConfig>;
