/** `type ifb` (drivers/net/ifb.c): a device that queues what was redirected to it, and gives it back. It has no settings. */
import { attrs } from "../attrs.ts";

export const ifb = attrs({});
