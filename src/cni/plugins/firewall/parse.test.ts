/** Configs of firewall: what is taken, and what is refused in which words. */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseConfig } from "./parse.ts";

test("nothing is needed", () => {
  expect(parseConfig({})).toEqual({ policy: "open", adminChain: "CNI-ADMIN" });
  expect(
    parseConfig({
      backend: "iptables",
      ingressPolicy: "same-bridge",
      iptablesAdminChainName: "MINE",
      firewalldZone: "x",
    }),
  ).toEqual({ policy: "same-bridge", adminChain: "MINE" });
});

describe("refused", () => {
  const cases: [JsonObject, string][] = [
    [{ backend: "firewalld" }, "backend = firewalld is not supported: podwire asks no daemon"],
    [{ backend: "pf" }, 'backend: expected "iptables" or "nftables", got "pf"'],
    [{ ingressPolicy: "closed" }, 'ingressPolicy: expected open, same-bridge or isolated, got "closed"'],
    [{ ingressPolicy: true }, "ingressPolicy: expected a string, got true"],
  ];
  for (const [raw, words] of cases) test(words, () => expect(() => parseConfig(raw)).toThrow(words));
});
