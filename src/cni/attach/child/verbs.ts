/** The verbs of a plugin whose link hangs on a master: the same for all kinds, which differ in their config. */
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import type { ChildConfig } from "./config.ts";
import { del, gc } from "./remove.ts";

type R = Request<ChildConfig>;

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const childVerbs = { add, del, check, gc, status } satisfies Partial<Plugin<ChildConfig>>;
