/** Codecs of the values that rtnetlink attributes carry: addresses, link-layer addresses. */
import { type Ip, ipBytes, ipFromBytes } from "../../base/ip.ts";
import { type Mac, macBytes, macFromBytes } from "../../base/mac.ts";
import type { Codec } from "./codec.ts";

/** 4 or 16 bytes, network order. */
export const ip: Codec<Ip> = { read: ipFromBytes, write: ipBytes };
export const mac: Codec<Mac> = { read: macFromBytes, write: macBytes };
