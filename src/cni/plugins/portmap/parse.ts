/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { FaultError } from "../../../base/fault.ts";
import { type Family, type Ip, parseIp } from "../../../base/ip.ts";
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Condition, parseConditions } from "./conditions.ts";

export const protocols = ["tcp", "udp", "sctp"] as const;
export type Protocol = (typeof protocols)[number];

export interface PortMapping {
  readonly protocol: Protocol;
  readonly hostPort: number;
  readonly containerPort: number;
  /** The only address of the host at which it is there; absent for all. 0.0.0.0 and :: are all of their family. */
  readonly hostIp?: Ip;
}

export interface PortmapConfig {
  readonly mappings: readonly PortMapping[];
  readonly snat: boolean;
  readonly masqAll: boolean;
  /** Of packets of a family: only such as meet them are led to the pod. */
  readonly conditions: Readonly<Record<Family, readonly Condition[]>>;
  readonly markBit: number;
}

/**
 * Not the reference's 13: its rules would take our packets for theirs where both are on a host. Nor one of kube-proxy,
 * Calico, Cilium, Istio or the AWS CNI.
 */
export const defaultMarkBit = 6;

/** @throws FaultError bad-config, bad-value, unsupported */
export const parseConfig = (raw: JsonObject): PortmapConfig => {
  const r = reader(raw);
  const backend = r.string("backend");
  if (backend && backend !== "iptables" && backend !== "nftables")
    throw badConfig("backend", `expected "iptables" or "nftables", got ${JSON.stringify(backend)}`);
  refuseChain(r);
  const mappings = (r.object("runtimeConfig")?.objects("portMappings") ?? []).map(readMapping);
  refuseDouble(mappings);
  return {
    mappings,
    snat: r.bool("snat") ?? true,
    masqAll: r.bool("masqAll") ?? false,
    conditions: {
      4: parseConditions(r.strings("conditionsV4") ?? [], "conditionsV4", 4),
      6: parseConditions(r.strings("conditionsV6") ?? [], "conditionsV6", 6),
    },
    markBit: r.int("markMasqBit", { min: 0, max: 31 }) ?? defaultMarkBit,
  };
};

/** A chain of iptables' nat table, which a table of nf_tables cannot jump to. */
const refuseChain = (r: Reader): void => {
  const chain = r.string("externalSetMarkChain");
  if (!chain) return;
  throw new FaultError({
    kind: "unsupported",
    key: r.path("externalSetMarkChain"),
    value: chain,
    why: "podwire masquerades by nf_tables, which cannot jump to a chain of iptables; leave it out",
  });
};

const port = { min: 1, max: 65535 } as const;

const readMapping = (r: Reader): PortMapping => {
  const need = (key: string): number => {
    const n = r.int(key, port);
    if (n === undefined) throw badConfig(r.path(key), "expected a port from 1 to 65535, got nothing");
    return n;
  };
  const word = (r.string("protocol") || "tcp").toLowerCase();
  const protocol = protocols.find((p) => p === word);
  if (!protocol) throw badConfig(r.path("protocol"), `expected tcp, udp or sctp, got ${JSON.stringify(word)}`);
  const hostIp = r.parsed("hostIP", parseIp);
  return { protocol, hostPort: need("hostPort"), containerPort: need("containerPort"), ...(hostIp && { hostIp }) };
};

/** Where a mapping is there, as texts: of all addresses is in both families. */
const placesOf = ({ hostIp }: PortMapping): string[] => {
  if (hostIp === undefined) return ["0.0.0.0", "::"];
  return [hostIp];
};

/** The same said twice is said once. @throws FaultError bad-config when it is not the same */
const refuseDouble = (mappings: readonly PortMapping[]): void => {
  const first = new Map<string, number>();
  for (const [i, m] of mappings.entries())
    for (const place of placesOf(m)) {
      const key = `${m.protocol} ${m.hostPort} ${place}`;
      const there = first.get(key);
      if (there === undefined) first.set(key, i);
      else if (mappings[there]?.containerPort !== m.containerPort)
        throw badConfig(
          `runtimeConfig.portMappings[${i}]`,
          `host port ${m.hostPort}/${m.protocol} is mapped already, by portMappings[${there}]`,
        );
    }
};
