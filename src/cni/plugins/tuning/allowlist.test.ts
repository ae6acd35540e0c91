/** Which sysctls a list of regular expressions lets through. */
import { describe, expect, test } from "bun:test";
import * as systemFiles from "../../../kernel/os/files.ts";
import { needAllowed } from "./allowlist.ts";
import { parseConfig } from "./parse.ts";

const ask = (list: string, ...keys: string[]): void =>
  needAllowed(
    { files: { ...systemFiles, readFileSync: () => list }, allowlist: "/list" },
    parseConfig(
      { sysctl: Object.fromEntries(keys.map((key) => [key, "1"])) },
      { cniVersion: "1.0.0", network: "net1", args: "" },
    ).sysctls,
  );

const forward = "net.ipv4.ip_forward";

describe("allowed", () => {
  const cases: readonly (readonly [list: string, key: string])[] = [
    [forward, forward],
    [`\n  ${forward}\r\n\n`, forward],
    ["nothing\nip_for", forward],
    ["^net\\.ipv4\\.ip_forward$", "net/ipv4/ip_forward"],
    ["^net/ipv4/ip_forward$", "net/ipv4/ip_forward"],
    ["^net\\.ipv4\\.conf\\.IFNAME\\.(arp_notify|rp_filter)$", "net.ipv4.conf.IFNAME.rp_filter"],
    ["^net\\.ipv4\\.conf\\.eth0/7\\.rp_filter$", "net/ipv4/conf/eth0.7/rp_filter"],
    ["\\Anet\\.[[:alnum:]]+\\.[[:word:]]+\\z", forward],
    ["(?i)NET\\.IPV4", forward],
    ["net\\.(?P<family>ipv4|ipv6)\\.", forward],
    ["# how a Go program would read it\nnet", forward],
    [`${forward}\n(`, forward],
  ];
  for (const [list, key] of cases) test(`${key} by ${JSON.stringify(list)}`, () => ask(list, key));
});

describe("refused", () => {
  const cases: readonly (readonly [list: string, key: string, why: string])[] = [
    ["", forward, "sysctl.net.ipv4.ip_forward: no line of /list allows it; this one would: ^net\\.ipv4\\.ip_forward$"],
    ["# net", forward, "no line of /list allows it"],
    ["^net\\.ipv6\\.", forward, "no line of /list allows it"],
    ["^ipv4", forward, "no line of /list allows it"],
    ["\n(", forward, "/list:2: expected a regular expression, got (:"],
    ["\\pL", forward, "/list:1: expected a regular expression, got \\pL: \\p is not understood here"],
    ["[[:^alpha:]]", forward, "[:^alpha:] is not understood here"],
    ["[[:nonsense:]]", forward, "[:nonsense:] is not understood here"],
  ];
  for (const [list, key, why] of cases)
    test(`${key} by ${JSON.stringify(list)}`, () => expect(() => ask(list, key)).toThrow(why));
  test("one of several", () => expect(() => ask("ip_forward", forward, "net.core.somaxconn")).toThrow("somaxconn"));
});
