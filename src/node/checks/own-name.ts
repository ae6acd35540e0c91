/** D4: the node's own name leads to an address that others reach it by. */
import { tryIp } from "../../base/ip.ts";
import type { Check, Finding, Fix } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { nodeAddress } from "../reads/uplinks.ts";

const path = "/etc/hosts";

/** Addresses that hosts(5) gives for a name, in their order. */
const inHosts = (host: Host, name: string): string[] =>
  (host.read(path) ?? "")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .flatMap(([ip = "", ...names]) => (names.includes(name) && tryIp(ip) !== undefined ? [ip] : []));

const isLoopback = (ip: string): boolean => ip.startsWith("127.") || ip === "::1";

/** Before the others: the first line that has the name counts. */
const firstLine = (name: string, ip: string): Fix => ({
  command: `sed -i '1i ${ip} ${name}' ${path}`,
  undo: `sed -i '/^${ip.replaceAll(".", "\\.")} ${name}$/d' ${path}`,
  survivesReboot: true,
});

export const ownNameCheck: Check = {
  id: "D4",
  name: "own-name",
  area: "names",
  severity: "warn",
  title: "the node's name leads to its own address",
  why: "what asks for its own name listens or registers at the wrong address: other nodes cannot reach it there",
  run: (host, asked) => {
    const found = inHosts(host, host.name);
    const [first] = found;
    // What a name server would say is not asked: kubelet takes the default route's address then.
    if (first === undefined) return [];
    const wanted = nodeAddress(host, asked)?.ip;
    const want = wanted ?? "an address of this node";
    const fix = wanted === undefined ? {} : { fix: firstLine(host.name, wanted) };
    const warn = (seen: string): Finding[] => [{ outcome: "warn", subject: host.name, seen, want, ...fix }];
    if (isLoopback(first)) return warn(`${first} in ${path}: loopback`);
    if (!host.addresses.some(({ address }) => address.ip === first))
      return warn(`${first} in ${path}: not an address of this node`);
    if (wanted !== undefined && wanted !== first) return warn(`${first} in ${path}: the node goes by another`);
    return [ok(`${first} in ${path}`, host.name)];
  },
};
