/** What a person asks: `tcp/6443 from 10.0.0.5 to 10.0.0.1 in eth0`. */
import { FaultError } from "../../../base/fault.ts";
import { family, type Ip, parseIp } from "../../../base/ip.ts";
import type { Ruleset } from "../ruleset/model.ts";
import type { Packet } from "../simulate/verdict.ts";

export interface Question {
  readonly protocol: Packet["protocol"];
  readonly dport?: number;
  readonly from: Ip;
  readonly to?: Ip;
  readonly sport?: number;
  readonly link?: string;
  /** It is meant to be passed on, not to end here. */
  readonly forward?: boolean;
}

const example = "tcp/6443 from 10.0.0.5, then to ADDRESS, in LINK, sport PORT, forward";

const refuse = (got: string, want: string): FaultError =>
  new FaultError({ kind: "bad-value", what: "--explain", got, want });

const portOf = (text: string): number => {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= 1 && n <= 65535) return n;
  throw refuse(text, "a port from 1 to 65535");
};

const protocols = ["tcp", "udp", "sctp"] as const;

const what = (word: string | undefined): Pick<Question, "protocol" | "dport"> => {
  if (word === "icmp") return { protocol: "icmp" };
  const [name = "", port = ""] = (word ?? "").split("/");
  const protocol = protocols.find((p) => p === name);
  if (!protocol || port === "") throw refuse(word ?? "nothing", `tcp/PORT, udp/PORT, sctp/PORT or icmp: ${example}`);
  return { protocol, dport: portOf(port) };
};

/** Words as they stand on the command line; one text with blanks will do. @throws FaultError bad-value */
export const parseQuestion = (given: readonly string[]): Question => {
  const [first, ...rest] = given.flatMap((w) => w.split(/\s+/)).filter((w) => w !== "");
  const asked: { from?: Ip; to?: Ip; sport?: number; link?: string; forward?: boolean } = {};
  const words = [...rest];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "forward") {
      asked.forward = true;
      continue;
    }
    const value = words.shift();
    if (value === undefined) throw refuse(word, `a value behind it: ${example}`);
    if (word === "from") asked.from = parseIp(value, "from");
    else if (word === "to") asked.to = parseIp(value, "to");
    else if (word === "in") asked.link = value;
    else if (word === "sport") asked.sport = portOf(value);
    else throw refuse(word, example);
  }
  const { from, ...others } = asked;
  const { protocol, dport } = what(first);
  if (!from) throw refuse(given.join(" "), `where it comes from: ${example}`);
  if (asked.to && family(asked.to) !== family(from))
    throw refuse(`from ${from} to ${asked.to}`, "addresses of one family");
  return { protocol, from, ...others, ...(dport !== undefined && { dport }) };
};

/** The question as a packet: to the address that this host answers the source from, unless it says where to. */
export const packetOf = (ruleset: Ruleset, q: Question): Packet => {
  if (q.link !== undefined && !ruleset.links.some((l) => l.name === q.link))
    throw new FaultError({ kind: "not-found", what: `link ${q.link}`, why: "there is no such device", fix: "ip link" });
  if (q.forward && !q.to) throw refuse("forward", "where it goes: to ADDRESS");
  const dst = q.to ?? ruleset.routing.sourceFor(q.from);
  if (dst === undefined)
    throw new FaultError({
      kind: "not-found",
      what: `an address of this host for ${q.from}`,
      why: "there is no route to it",
      fix: "say which: to ADDRESS",
    });
  if (q.forward && ruleset.routing.addressType(dst) === 2)
    throw refuse(`forward to ${dst}`, "an address of another host");
  return {
    protocol: q.protocol,
    src: q.from,
    dst,
    ...(q.dport !== undefined && { dport: q.dport }),
    ...(q.sport !== undefined && { sport: q.sport }),
    ...(q.link !== undefined && { iif: q.link }),
  };
};
