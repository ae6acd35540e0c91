/** The first answer to a packet that was accepted: a connection needs it let out just as much. */
import type { Ruleset } from "../ruleset/model.ts";
import { simulate } from "./simulate.ts";
import type { Outcome, Packet, Verdict } from "./verdict.ts";

/** A port as kernels choose it for those who begin a connection (net.ipv4.ip_local_port_range), when none was given. */
const someClientPort = 50_000;

/** Undefined where too little is known: NAT to an unknown address, or out by a port of a bridge that is not known. */
const answerTo = (ruleset: Ruleset, packet: Packet, o: Outcome): Packet | undefined => {
  const { src, dst, to } = o;
  if (src === undefined || dst === undefined || to === undefined) return undefined;
  const port = ruleset.links.find((l) => l.name === (packet.iif ?? ruleset.routing.linkTo(packet.src)));
  if ("link" in to && port && (port.master === to.link || port.name === to.link)) return undefined;
  return {
    protocol: packet.protocol,
    src: dst,
    dst: src,
    state: "established",
    answer: { dnat: dst !== packet.dst || o.dport !== packet.dport, ...(src !== packet.src && { to: packet.src }) },
    ...(packet.protocol !== "icmp" && { dport: packet.sport ?? someClientPort }),
    ...(o.dport !== undefined && { sport: o.dport }),
    ...("link" in to && { iif: to.link }),
  };
};

/**
 * What becomes of the answer; undefined when the packet itself does not arrive, or when where it ends is not known.
 * Only the first way that it can go is answered.
 */
export const simulateAnswer = (ruleset: Ruleset, packet: Packet, verdict: Verdict): Verdict | undefined => {
  const [first] = verdict.outcomes;
  if (verdict.fate !== "accepted" || !first) return undefined;
  const answer = answerTo(ruleset, packet, first);
  return answer && simulate(ruleset, answer);
};
