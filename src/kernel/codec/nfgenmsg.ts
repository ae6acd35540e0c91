/** What begins every nfnetlink message (linux/netfilter/nfnetlink.h, struct nfgenmsg). */
import { be16, u8 } from "./codec.ts";
import { struct } from "./struct.ts";

export const nfgenmsg = struct({ family: u8, version: u8, resId: be16 });
