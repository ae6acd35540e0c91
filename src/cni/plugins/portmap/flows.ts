/**
 * Flows of UDP and SCTP outlive their mapping: what a client keeps sending goes where it went before. Those that a change
 * concerns are forgotten, so that the next packet is looked up anew. TCP's end by themselves.
 */
import { type Ip, ipFromBytes } from "../../../base/ip.ts";
import { listAddresses } from "../../../net/addresses.ts";
import { flushFlows } from "../../../net/conntrack.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { protocolNumbers } from "../../../net/nft/keys.ts";
import type { Held } from "../../filter/held.ts";

interface Led {
  readonly protocol: number;
  readonly hostPort: number;
  readonly target: Ip;
  readonly port: number;
}

const portOf = (b: Uint8Array | undefined): number => ((b?.[0] ?? 0) << 8) | (b?.[1] ?? 0);

/** What elements of the ports' maps say; those of TCP and those of pods left out. */
const ledBy = (held: readonly Held[]): Led[] =>
  held.flatMap(({ element: { key, data } }) => {
    const [protocol, port] = key.slice(-2);
    if (!data || !Array.isArray(data) || protocol?.length !== 1 || protocol[0] === protocolNumbers.tcp) return [];
    const [ip, to] = data as readonly Uint8Array[];
    return ip ? [{ protocol: protocol[0]!, hostPort: portOf(port), target: ipFromBytes(ip), port: portOf(to) }] : [];
  });

const familyOf = (l: Led): 4 | 6 => (l.target.includes(":") ? 6 : 4);

/** After ADD: flows to this host's addresses and these ports that go elsewhere. */
export const forgetEarlier = (kernel: Kernel, held: readonly Held[]): void => {
  const led = ledBy(held);
  if (led.length === 0) return;
  const own = new Set<string>(listAddresses(kernel.host).map((a) => a.address.ip));
  for (const l of led)
    flushFlows(
      kernel.host,
      { family: familyOf(l), protocol: l.protocol, dport: l.hostPort },
      ({ protocol, orig, reply }) =>
        own.has(orig.daddr) && protocol === l.protocol && orig.dport === l.hostPort && reply.saddr !== l.target,
    );
};

/** After DEL: flows that the mappings led to the pod. */
export const forgetLed = (kernel: Kernel, held: readonly Held[]): void => {
  for (const l of ledBy(held))
    flushFlows(
      kernel.host,
      { family: familyOf(l), protocol: l.protocol, replySaddr: l.target },
      ({ protocol, orig, reply }) =>
        orig.daddr !== reply.saddr && protocol === l.protocol && reply.saddr === l.target && reply.sport === l.port,
    );
};
