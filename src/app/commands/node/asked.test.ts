/** What is said about a cluster, and slips in it. */
import { expect, test } from "bun:test";
import { askedOf, networksOf } from "./asked.ts";

test("parts of the network, none, and blanks between", () => {
  expect(networksOf("none")).toEqual([]);
  expect(networksOf("vxlan, metallb")).toEqual(["vxlan", "metallb"]);
});

test.each([
  ["flannel", "got flannel, ", "did you mean vxlan or wireguard?"],
  ["calic", "got calic, ", "did you mean calico?"],
  ["vxlan,", "got nothing, ", "want none alone, or a list of vxlan"],
  ["none,vxlan", "got none in none,vxlan, ", "want none alone"],
])("--network %s is refused", (text, got, want) => {
  expect(() => networksOf(text)).toThrow(got);
  expect(() => networksOf(text)).toThrow(want);
});

test("--node-prefix has one number, or two", () => {
  const of = (nodePrefix: string) => askedOf({ role: "worker", network: "none", nodePrefix }).nodePrefix;
  expect(of("25")).toEqual({ 4: 25, 6: 64 });
  expect(of("25,80")).toEqual({ 4: 25, 6: 80 });
  expect(() => of("25,80,1")).toThrow("want one number, or two: of IPv4 and of IPv6");
});
