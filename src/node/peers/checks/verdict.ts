/** What the end of one try says, in words. Pure. */
import { errnoWords } from "../../../base/errno-words.ts";
import { family } from "../../../base/ip.ts";
import type { TriedOne } from "../run/found.ts";

export interface Verdict {
  readonly is: "reached" | "failed" | "unknown";
  /** Why it is not reached; the same words for what has the same cause. */
  readonly words: string;
}

const reached: Verdict = { is: "reached", words: "reached" };
const failed = (words: string): Verdict => ({ is: "failed", words });
const unknown = (words: string): Verdict => ({ is: "unknown", words });

/** ICMP's own words: RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 section 3.1. */
const messages: Readonly<Record<string, string>> = {
  "4/3/0": "network unreachable",
  "4/3/1": "host unreachable",
  "4/3/2": "protocol unreachable",
  "4/3/3": "port unreachable",
  "4/3/9": "network prohibited",
  "4/3/10": "host prohibited",
  "4/3/13": "admin prohibited",
  "6/1/0": "no route",
  "6/1/1": "admin prohibited",
  "6/1/3": "address unreachable",
  "6/1/4": "port unreachable",
  "6/1/5": "policy failed",
  "6/1/6": "reject route",
};

/** No way there, rather than somebody who does not let it in. */
const noWay: readonly string[] = ["4/3/0", "4/3/1", "6/1/0", "6/1/3"];

const ofRefusal = ({ ip, end }: TriedOne): Verdict => {
  const { type, code } = end?.icmp ?? { type: 0, code: 0 };
  const key = `${family(ip)}/${type}/${code}`;
  const said = `ICMP ${messages[key] ?? `type ${type} code ${code}`}`;
  const by = end?.by === undefined || end.by === ip ? "" : `, says ${end.by}`;
  return failed(noWay.includes(key) ? `no way there (${said}${by})` : `refused by a firewall (${said}${by})`);
};

const ofRaw = (errno: string, where: string): Verdict =>
  unknown(errno === "EPERM" || errno === "EACCES" ? `needs root on ${where}` : `${where}: ${errnoWords(errno)}`);

const noRoute: readonly string[] = ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL"];

const ofOwnSystem = (errno: string): Verdict => {
  if (errno === "EPERM") return failed("the sender's own firewall does not let it out (EPERM)");
  if (errno === "EACCES") return failed("the sender's own routes or rules prohibit it (EACCES)");
  if (noRoute.includes(errno)) return failed(`the sender has no way there (${errno})`);
  return unknown(`the sender could not try it (${errno})`);
};

/** A tunnel's packets are answered by packets of their own, which the other direction's try stands for. */
const isTunnel = ({ row }: TriedOne): boolean =>
  row !== undefined && row.owners.length === 0 && row.from.every((source) => source === "nodes");

export const lostAnswer = "it arrives, but the answer does not come back";

/** @param labels of the nodes, in their places */
export const verdictOf = (t: TriedOne, labels: readonly string[]): Verdict => {
  const { state, end, arrived, protocol } = t;
  if (!state || !end) {
    if (state?.state !== "cannot") return unknown("a node went away before it could be told");
    if (protocol === "ip") return ofRaw(state.by ?? "EPERM", labels[t.to]!);
    const low = state.by === "EACCES" ? ", needs root there" : "";
    return unknown(`${labels[t.to]} cannot open it (${state.by ?? "no reason"})${low}`);
  }
  const taken = state.state === "taken";
  const holder = state.by ?? "a program";
  switch (end.outcome) {
    case "answered":
    case "connected":
      return reached;
    case "refused":
      return arrived ? reached : ofRefusal(t);
    case "reset":
      return failed(taken ? `reset: ${holder} has the port, but not at this address` : "reset by a firewall");
    case "stranger":
      return failed("somebody else answers: the address is another's too, or the port is forwarded");
    case "cannot":
      return protocol === "ip" && end.errno === "EPERM"
        ? ofRaw("EPERM", labels[t.from]!)
        : ofOwnSystem(end.errno ?? "no reason");
    case "silent":
      if (taken && protocol === "udp") {
        if (arrived) return reached;
        if (!state.overheard) return unknown(`${holder} has the port, and only root sees what arrives there`);
      }
      if (arrived && isTunnel(t)) return reached;
      if (arrived) return failed(`${lostAnswer}: dropped on its way out there, or on its way in here`);
      return failed("no answer (dropped)");
  }
};
