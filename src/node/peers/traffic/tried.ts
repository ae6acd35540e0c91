/** What nodes try, and how that ends, as it goes over the wire. */
import * as v from "valibot";
import { tryIp } from "../../../base/ip.ts";

const ip = v.pipe(
  v.string(),
  v.transform((text) => tryIp(text)),
  v.custom<NonNullable<ReturnType<typeof tryIp>>>((x) => x !== undefined, "an address"),
);
const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const place = { id, protocol: v.picklist(["tcp", "udp", "ip"]), ip, port };

/** Where a node waits. `port` of protocol `ip` is the protocol's number. */
export const doorSchema = v.strictObject(place);
export type Door = v.InferOutput<typeof doorSchema>;

export const doorStateSchema = v.strictObject({
  id,
  /** `taken`: a program has it, and keeps it. */
  state: v.picklist(["open", "taken", "cannot"]),
  /** Of `taken` the program, when it can be told; of `cannot` the errno. */
  by: v.optional(v.string()),
  /** Of `taken`: what arrives there is seen all the same. */
  overheard: v.optional(v.boolean()),
});
export type DoorState = v.InferOutput<typeof doorStateSchema>;

/** `proof`: the other side answers as only a node of this run can; without, being let in is enough, and nothing is said. */
export const trySchema = v.strictObject({ ...place, proof: v.boolean() });
export type Try = v.InferOutput<typeof trySchema>;

export const outcomes = ["answered", "connected", "silent", "reset", "refused", "stranger", "cannot"] as const;

export const triedSchema = v.strictObject({
  id,
  /**
   * `refused`: by an ICMP message. `reset`: by TCP. `stranger`: someone answers who is no node of this run.
   * `cannot`: our own system did not send it.
   */
  outcome: v.picklist(outcomes),
  micros: v.optional(v.number()),
  icmp: v.optional(v.strictObject({ type: v.number(), code: v.number() })),
  /** Who sent the ICMP message. */
  by: v.optional(ip),
  errno: v.optional(v.string()),
});
export type Tried = v.InferOutput<typeof triedSchema>;

/** A way to a node whose largest packet is sought: by UDP to an open door. `most`: where to begin, bytes of an IP packet. */
export const pathSchema = v.strictObject({ id, ip, port });
export type Path = v.InferOutput<typeof pathSchema>;

export const pathFoundSchema = v.strictObject({
  id,
  /** MTU of the link by which packets leave; absent when there is no way. */
  link: v.optional(v.number()),
  linkName: v.optional(v.string()),
  /** Bytes of the largest IP packet that arrived; absent when none did. */
  largest: v.optional(v.number()),
  /** Somebody said by ICMP that larger ones do not fit; without, they vanish. */
  said: v.optional(v.strictObject({ mtu: v.number(), by: v.optional(ip) })),
});
export type PathFound = v.InferOutput<typeof pathFoundSchema>;
