/** Which probes to send: every ordered pair, in each address family that both have. Pure. */
import { type Family, family, type Ip } from "../base/ip.ts";
import { promises } from "./promises.ts";
import type { Endpoint, PromiseId, Proto } from "./types.ts";

/** Traffic of pod-to-pod also proves no-nat, so a probe is named after the traffic. */
export type TrafficId = Exclude<PromiseId, "unique-address" | "no-nat">;

export interface Probe {
  /** Its place in the list. */
  readonly id: number;
  readonly traffic: TrafficId;
  readonly proto: Proto;
  /** Places in the list of endpoints. */
  readonly from: number;
  readonly to: number;
  readonly fromIp: Ip;
  readonly toIp: Ip;
}

export interface Wanted {
  readonly protocols: readonly Proto[];
  readonly promises: readonly PromiseId[];
}

interface Traffic {
  readonly id: TrafficId;
  readonly from: Endpoint["kind"];
  readonly to: Endpoint["kind"];
  readonly provenBy: readonly PromiseId[];
}

const traffics: readonly Traffic[] = [
  { id: "pod-to-pod", from: "pod", to: "pod", provenBy: ["pod-to-pod", "no-nat"] },
  { id: "pod-to-node", from: "pod", to: "node", provenBy: ["pod-to-node"] },
  { id: "node-to-pod", from: "node", to: "pod", provenBy: ["node-to-pod"] },
  { id: "full-mtu", from: "pod", to: "pod", provenBy: ["full-mtu"] },
];

/** Addresses of one endpoint, and those of them that can prove something. */
export interface Sound {
  readonly endpoint: Endpoint;
  readonly ips: readonly Ip[];
}

/**
 * Probes in order of traffic, then of source, then of protocol: what one source sends lies together, so that its
 * namespace is entered once. The source address is the first of the family: the kernel will choose, and is checked.
 */
export const planProbes = (sounds: readonly Sound[], wanted: Wanted): Probe[] => {
  const out: Probe[] = [];
  for (const t of traffics) {
    if (!t.provenBy.some((p) => wanted.promises.includes(p))) continue;
    const spoken: readonly Proto[] = promises.find((p) => p.id === t.id)?.protocols ?? [];
    // Full MTU is a question to the path, not to a protocol.
    const protos = t.id === "full-mtu" ? spoken : spoken.filter((p) => wanted.protocols.includes(p));
    for (const [from, source] of sounds.entries())
      if (source.endpoint.kind === t.from)
        for (const proto of protos)
          for (const f of [4, 6] as const)
            for (const [to, target] of sounds.entries())
              if (from !== to && target.endpoint.kind === t.to)
                out.push(...pairs(source, target, f).map((p) => ({ id: 0, traffic: t.id, proto, from, to, ...p })));
  }
  return out.map((p, id) => ({ ...p, id }));
};

const pairs = (source: Sound, target: Sound, f: Family): { fromIp: Ip; toIp: Ip }[] => {
  const fromIp = source.ips.find((ip) => family(ip) === f);
  return fromIp ? target.ips.filter((ip) => family(ip) === f).map((toIp) => ({ fromIp, toIp })) : [];
};
