/** Codecs of the values that rtnetlink attributes carry: addresses, link-layer addresses. */
import { type Ip, ipBytes, ipFromBytes } from "../../base/ip.ts";
import { type Mac, macBytes, macFromBytes } from "../../base/mac.ts";
import type { Codec } from "./codec.ts";

/** 4 or 16 bytes, network order. */
export const ip: Codec<Ip> = { fits: (n) => n === 4 || n === 16, read: ipFromBytes, write: ipBytes };
/** Six bytes for Ethernet; tunnels have their IPv4 or IPv6 address in its place, InfiniBand twenty bytes. */
export const mac: Codec<Mac> = { fits: (n) => n > 0, read: macFromBytes, write: macBytes };
