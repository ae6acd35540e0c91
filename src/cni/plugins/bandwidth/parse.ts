/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { type Cidr, parseCidr } from "../../../base/cidr.ts";
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { ParseContext } from "../../plugin.ts";
import type { BandwidthConfig, Limit } from "./config.ts";

const keys = ["ingressRate", "ingressBurst", "egressRate", "egressBurst", "shapedSubnets", "unshapedSubnets"] as const;

/** The kernel counts whole bytes. */
const perByte = 8;
/** The burst is 32 bits of bytes, all ones excluded. */
const mostBurst = 0xffff_ffff * perByte - 1;

/** @throws FaultError bad-config, bad-value */
export const parseConfig = (raw: JsonObject, about: Pick<ParseContext, "verb"> = {}): BandwidthConfig => {
  // What was made is found by its owner, whatever the config says by now.
  if (about.verb === "DEL" || about.verb === "GC") return {};
  const own = reader(raw);
  // A pod's annotations do not lift what the node's administrator has set: the reference's order.
  const r = keys.some((key) => own.value(key) !== undefined) ? own : own.object("runtimeConfig")?.object("bandwidth");
  if (!r) return {};
  const ingress = readLimit(r, "ingressRate", "ingressBurst");
  const egress = readLimit(r, "egressRate", "egressBurst");
  const subnets = readSubnets(r);
  return { ...(ingress && { ingress }), ...(egress && { egress }), ...(subnets && { subnets }) };
};

/** Nothing for 0 and 0, which stands for no limit. */
const readLimit = (r: Reader, rateKey: string, burstKey: string): Limit | undefined => {
  const rate = r.int(rateKey, { min: 0 }) ?? 0;
  const burst = r.int(burstKey, { min: 0, max: mostBurst }) ?? 0;
  if (rate === 0 && burst === 0) return undefined;
  if (burst === 0)
    throw badConfig(
      r.path(burstKey),
      `is missing: ${rateKey} needs one, such as ${Math.ceil(rate / 100)} (10 ms of it)`,
    );
  if (rate === 0) throw badConfig(r.path(rateKey), `is missing or 0, and ${burstKey} is ${burst}: both, or neither`);
  if (rate < perByte) throw badConfig(r.path(rateKey), `is ${rate} bits a second; the least is ${perByte}, one byte`);
  if (burst < perByte) throw badConfig(r.path(burstKey), `is ${burst} bits; the least is ${perByte}, one byte`);
  return { rate: Math.floor(rate / perByte), burst: Math.floor(burst / perByte) };
};

const readSubnets = (r: Reader): BandwidthConfig["subnets"] => {
  const read = (key: string): Cidr[] =>
    (r.strings(key) ?? []).map((text, i) => parseCidr(text, `${r.path(key)}[${i}]`));
  const [shaped, unshaped] = [read("shapedSubnets"), read("unshapedSubnets")];
  if (shaped.length > 0 && unshaped.length > 0)
    throw badConfig(
      r.path("unshapedSubnets"),
      "cannot stand beside shapedSubnets: what is in neither would be undecided",
    );
  if (shaped.length > 0) return { are: "shaped", list: shaped };
  return unshaped.length > 0 ? { are: "unshaped", list: unshaped } : undefined;
};
