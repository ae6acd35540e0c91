/** Configs of portmap: what is taken, and what is refused in which words. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./parse.ts";

const ports = (...portMappings: JsonObject[]): JsonObject => ({ runtimeConfig: { portMappings } });
const http = { hostPort: 8080, containerPort: 80, protocol: "tcp" };

test("mappings as runtimes send them", () => {
  expect(parseConfig({})).toEqual({ mappings: [], snat: true, masqAll: false, markBit: 13 });
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
    [{ conditionsV4: ["-s", "10.0.0.0/8"] }, 'conditionsV4 = ["-s","10.0.0.0/8"] is not supported'],
    [{ externalSetMarkChain: "KUBE-MARK-MASQ" }, "externalSetMarkChain"],
  ];
  for (const [raw, words] of cases) test(words, () => expect(() => parseConfig(raw)).toThrow(words));
});
