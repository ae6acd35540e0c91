import { expect, test } from "bun:test";
import { essence, fill, merge, mergeAll, resultFor } from "./config.ts";

// The example of RFC 7396, appendix A, and some of its rows.
test.each([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])("%j patched by %j", (base, patch, want) => {
  expect(merge(base, patch)).toEqual(want);
});

test("merging leaves what it was given as it was", () => {
  const base = { a: { b: 1 } };
  expect(mergeAll(base, undefined, { a: { c: 2 } })).toEqual({ a: { b: 1, c: 2 } });
  expect(base).toEqual({ a: { b: 1 } });
});

test("variables are filled in at any depth, and one that nobody gave is refused", () => {
  const variables = { POD1: "/run/netns/cf-pod1", N: "7" };
  expect(fill({ a: ["$POD1", 3, null], $N: { b: "c$N.$N" } }, variables)).toEqual({
    a: ["/run/netns/cf-pod1", 3, null],
    "7": { b: "c7.7" },
  } as never);
  expect(fill("costs $5, $i and $(date)", variables)).toBe("costs $5, $i and $(date)");
  expect(() => fill("$POD9", variables)).toThrow("variable of a case: got $POD9, want one of POD1, N");
});

const result = {
  interfaces: [{ name: "eth0" }],
  ips: [{ address: "10.1.0.5/16", gateway: "10.1.0.1", interface: 0 }, { address: "fd00::5/64" }],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0", gw: "fd00::1" }],
  dns: { nameservers: ["10.1.0.1"] },
};

test("a result is given in the form of each version", () => {
  expect(resultFor("1.1.0", result)).toEqual({ ...result, cniVersion: "1.1.0" });
  expect(resultFor("0.4.0", result)).toEqual({
    ...result,
    cniVersion: "0.4.0",
    ips: [
      { version: "4", ...result.ips[0] },
      { version: "6", ...result.ips[1] },
    ],
  });
  expect(resultFor("0.2.0", result)).toEqual({
    cniVersion: "0.2.0",
    ip4: { ip: "10.1.0.5/16", gateway: "10.1.0.1", routes: [{ dst: "0.0.0.0/0" }] },
    ip6: { ip: "fd00::5/64", routes: [{ dst: "::/0", gw: "fd00::1" }] },
    dns: { nameservers: ["10.1.0.1"] },
  });
});

test("results are equal whatever they leave out and in whatever order their keys stand", () => {
  const [a, b] = [{ b: 1, a: [], dns: {}, c: null, d: "" }, { b: 1 }].map(essence);
  expect(a).toEqual(b);
  expect(essence({ a: [{ x: null }, 0, false] })).toEqual({ a: [{}, 0, false] });
});
