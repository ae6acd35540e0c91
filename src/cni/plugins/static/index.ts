/** IPAM plugin `static`: addresses that the config or the caller names. Nothing is looked up, and nothing is kept. */
import type { Plugin } from "../../plugin.ts";
import type { StaticConfig } from "./config.ts";
import { face } from "./face.ts";
import { staticKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";

export const staticAddresses: Plugin<StaticConfig> = {
  ...face,
  keys: staticKeys,
  parse: parseConfig,
  add: async ({ config }) => ({ interfaces: [], ...config }),
  check: async (r) => (await import("./check.ts")).check(r),
  // Nothing is reserved, so nothing is to be given back; and a config that could be read is all that an ADD needs.
  del: async () => {},
  gc: async () => {},
  status: async () => {},
};
