/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { FaultError } from "../../../base/fault.ts";
import { badConfig, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";

export const ingressPolicies = ["open", "same-bridge", "isolated"] as const;
export type IngressPolicy = (typeof ingressPolicies)[number];

export interface FirewallConfig {
  readonly policy: IngressPolicy;
  readonly adminChain: string;
}

export const defaultAdminChain = "CNI-ADMIN";

/** @throws FaultError bad-config, unsupported */
export const parseConfig = (raw: JsonObject): FirewallConfig => {
  const r = reader(raw);
  const backend = r.string("backend");
  if (backend === "firewalld")
    throw new FaultError({
      kind: "unsupported",
      key: "backend",
      value: backend,
      why: "podwire asks no daemon: leave it out, and pods pass firewalld's own chains; or name the pods' subnet in a zone yourself",
    });
  if (backend && backend !== "iptables" && backend !== "nftables")
    throw badConfig("backend", `expected "iptables" or "nftables", got ${JSON.stringify(backend)}`);
  const word = r.string("ingressPolicy") || "open";
  const policy = ingressPolicies.find((p) => p === word);
  if (!policy) throw badConfig("ingressPolicy", `expected open, same-bridge or isolated, got ${JSON.stringify(word)}`);
  return { policy, adminChain: r.string("iptablesAdminChainName") || defaultAdminChain };
};
