/** Configs of portmap: what is taken, and what is refused in which words. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./parse.ts";
import { tableFor } from "./table.ts";

const ports = (...portMappings: JsonObject[]): JsonObject => ({ runtimeConfig: { portMappings } });
const http = { hostPort: 8080, containerPort: 80, protocol: "tcp" };

test("mappings as runtimes send them", () => {
  expect(parseConfig({})).toEqual({
    mappings: [],
    snat: true,
    masqAll: false,
    conditions: { 4: [], 6: [] },
    markBit: 6,
  });
  expect(
    parseConfig(
      ports(http, { hostPort: 53, containerPort: 5353, protocol: "UDP", hostIP: "" }, { ...http, hostIP: "::1" }),
    ).mappings,
  ).toEqual([
    { protocol: "tcp", hostPort: 8080, containerPort: 80 },
    { protocol: "udp", hostPort: 53, containerPort: 5353 },
    { protocol: "tcp", hostPort: 8080, containerPort: 80, hostIp: "::1" as never },
  ]);
  expect(parseConfig(ports({ hostPort: 1, containerPort: 2 })).mappings[0]?.protocol).toBe("tcp");
});

test("the same said twice is said once, in whatever words", () => {
  const twice = ports(http, http, { ...http, hostIP: "0.0.0.0" }, { ...http, hostIP: "::" });
  expect(parseConfig(twice).mappings.length).toBe(4);
  expect(() => parseConfig(ports(http, { ...http, hostIP: "0.0.0.0", containerPort: 81 }))).toThrow(
    "is mapped already",
  );
});

test("conditions in either's words are the same conditions", () => {
  const names = [
    { conditionsV4: ["-s", "10.0.0.0/8", "!", "-i", "eth0"] },
    { conditionsV4: ["ip saddr 10.0.0.0/8", 'iifname != "eth0"'] },
    { conditionsV4: ["--source 10.0.0.0/8 ! --in-interface eth0"] },
  ].map((raw) => tableFor(parseConfig(raw)).name);
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(/^podwire_portmap_[0-9a-f]{8}$/);
  expect(tableFor(parseConfig({})).name).toBe("podwire_portmap");
});

describe("refused", () => {
  const cases: [JsonObject, string][] = [
    [
      ports({ ...http, hostPort: 0 }),
      "runtimeConfig.portMappings[0].hostPort: expected a whole number from 1 to 65535, got 0",
    ],
    [
      ports({ ...http, hostPort: 65536 }),
      "runtimeConfig.portMappings[0].hostPort: expected a whole number from 1 to 65535",
    ],
    [
      ports({ hostPort: 80 }),
      "runtimeConfig.portMappings[0].containerPort: expected a port from 1 to 65535, got nothing",
    ],
    [ports({ ...http, containerPort: "80" }), "runtimeConfig.portMappings[0].containerPort: expected a whole number"],
    [
      ports({ ...http, protocol: "icmp" }),
      'runtimeConfig.portMappings[0].protocol: expected tcp, udp or sctp, got "icmp"',
    ],
    [ports({ ...http, hostIP: "localhost" }), "runtimeConfig.portMappings[0].hostIP: got"],
    [
      ports(http, { ...http, containerPort: 81 }),
      "portMappings[1]: host port 8080/tcp is mapped already, by portMappings[0]",
    ],
    [{ runtimeConfig: { portMappings: {} } }, "runtimeConfig.portMappings: expected a list"],
    [{ markMasqBit: 32 }, "markMasqBit: expected a whole number from 0 to 31, got 32"],
    [{ backend: "ipvs" }, 'backend: expected "iptables" or "nftables", got "ipvs"'],
    [{ conditionsV4: ["-m", "mark", "--mark", "1"] }, 'conditionsV4: got "-m mark"; podwire takes addresses'],
    [{ conditionsV4: ["-s"] }, 'conditionsV4: got "-s"; podwire takes addresses'],
    [{ conditionsV4: ["-s", "fd00::/64"] }, 'conditionsV4: expected an address or subnet of IPv4, got "fd00::/64"'],
    [{ conditionsV6: ["ip6 saddr", "any"] }, 'conditionsV6: expected an address or subnet of IPv6, got "any"'],
    [{ conditionsV4: ["-i", "a/b"] }, "conditionsV4: "],
    [{ externalSetMarkChain: "KUBE-MARK-MASQ" }, "externalSetMarkChain"],
  ];
  for (const [raw, words] of cases) test(words, () => expect(() => parseConfig(raw)).toThrow(words));
});
