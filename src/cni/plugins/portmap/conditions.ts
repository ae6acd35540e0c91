/**
 * `conditionsV4`, `conditionsV6`: which packets are led to a pod at all, in the words of iptables or of nft. What either has
 * beyond addresses and the link a packet comes in on is refused. Pure.
 */
import { type Cidr, cidrFamily, cidrText, networkOf, tryCidr } from "../../../base/cidr.ts";
import { type Family, ipBytes, tryIp } from "../../../base/ip.ts";
import { badConfig, keyPath } from "../../../base/json-read.ts";
import type { Expr } from "../../../kernel/codec/nft/expressions.ts";
import { iifname, ip, ip6, match, matchPrefix } from "../../../net/nft/build.ts";
import { ifnameKey } from "../../../net/nft/keys.ts";
import { ifnameProblem } from "../../spec/validate.ts";

export type Condition = { readonly not: boolean } & (
  | { readonly of: "saddr" | "daddr"; readonly cidr: Cidr }
  | { readonly of: "iifname"; readonly name: string }
);

const ofWord: Readonly<Record<string, Condition["of"]>> = {
  "-s": "saddr",
  "--src": "saddr",
  "--source": "saddr",
  "-d": "daddr",
  "--dst": "daddr",
  "--destination": "daddr",
  "-i": "iifname",
  "--in-interface": "iifname",
  "ip saddr": "saddr",
  "ip6 saddr": "saddr",
  "ip daddr": "daddr",
  "ip6 daddr": "daddr",
  iifname: "iifname",
  "meta iifname": "iifname",
};

const wanted =
  'such as ["-s", "10.0.0.0/8"], ["!", "-d", "192.0.2.1"], ["-i", "eth0"], or in words of nft ["ip saddr 10.0.0.0/8"]';

/** @throws FaultError bad-config */
export const parseConditions = (words: readonly string[], key: string, family: Family): Condition[] => {
  // A whole condition may stand in one string, and one in several.
  const tokens = words.flatMap((w) => w.split(" ").filter((t) => t !== ""));
  const out: Condition[] = [];
  for (let at = 0; at < tokens.length; ) {
    const begin = at;
    let not = tokens[at] === "!";
    if (not) at++;
    const two = `${tokens[at]} ${tokens[at + 1]}`;
    const of = ofWord[two] ?? ofWord[tokens[at] ?? ""];
    at += ofWord[two] ? 2 : 1;
    if (tokens[at] === "!=") not = true;
    if (tokens[at] === "!=" || tokens[at] === "==") at++;
    const value = tokens[at++];
    const said = tokens.slice(begin, at).join(" ");
    if (of === undefined || value === undefined)
      throw badConfig(
        keyPath("", key),
        `got ${JSON.stringify(said)}; podwire takes addresses and the link that a packet comes in on, ${wanted}`,
      );
    out.push({ not, ...operandOf(of, value, key, family) });
  }
  return out;
};

const operandOf = (of: Condition["of"], text: string, key: string, family: Family) => {
  if (of === "iifname") {
    const name = text.replaceAll('"', "");
    const problem = ifnameProblem(name);
    if (problem) throw badConfig(key, problem);
    return { of, name };
  }
  const alone = tryIp(text);
  const cidr = alone ? { ip: alone, prefix: family === 4 ? 32 : 128 } : tryCidr(text);
  if (!cidr || cidrFamily(cidr) !== family)
    throw badConfig(key, `expected an address or subnet of IPv${family}, got ${JSON.stringify(text)}`);
  return { of, cidr };
};

const headers = { 4: ip, 6: ip6 } as const;

export const exprsOf = (family: Family, conditions: readonly Condition[]): Expr[] =>
  conditions.flatMap((c) => {
    const op = c.not ? "neq" : "eq";
    if (c.of === "iifname") return match(iifname, ifnameKey(c.name), op);
    return matchPrefix(headers[family][c.of], ipBytes(networkOf(c.cidr)), c.cidr.prefix, op);
  });

/** The same for the same conditions, in whatever words they were given. */
export const textOf = (conditions: readonly Condition[]): string =>
  conditions.map((c) => `${c.not ? "not " : ""}${c.of} ${c.of === "iifname" ? c.name : cidrText(c.cidr)}`).join(", ");
