import { expect, test } from "bun:test";
import { parseIp } from "../../../base/ip.ts";
import { parseConfig } from "./config.ts";
import { tryCandidates } from "./cursor.ts";

const order = (
  ranges: readonly { subnet: string; rangeStart?: string; rangeEnd?: string }[],
  last?: string,
): string[] => {
  const { sets } = parseConfig({ ipam: { ranges: [ranges] } } as never, {
    cniVersion: "1.1.0",
    network: "n",
    args: "",
  });
  const tried: string[] = [];
  tryCandidates(sets[0]!, last === undefined ? undefined : parseIp(last), (ip) => {
    tried.push(ip.replace("10.0.", ""));
    return false;
  });
  return tried;
};

test("the first address is the first that is not the gateway", () => {
  expect(order([{ subnet: "10.0.0.0/29" }])).toEqual(["0.2", "0.3", "0.4", "0.5", "0.6"]);
});

test("after the last address given, the walk goes once around and ends with it", () => {
  expect(order([{ subnet: "10.0.0.0/29" }], "10.0.0.4")).toEqual(["0.5", "0.6", "0.2", "0.3", "0.4"]);
  expect(order([{ subnet: "10.0.0.0/29" }], "10.0.0.6")).toEqual(["0.2", "0.3", "0.4", "0.5", "0.6"]);
});

test("the walk goes through all ranges of the set", () => {
  const two = [{ subnet: "10.0.0.0/30" }, { subnet: "10.0.1.0/29", rangeStart: "10.0.1.2", rangeEnd: "10.0.1.4" }];
  expect(order(two, "10.0.1.3")).toEqual(["1.4", "0.2", "1.2", "1.3"]);
  expect(order(two, "10.0.0.2")).toEqual(["1.2", "1.3", "1.4", "0.2"]);
});

test("a last address of no range starts from the beginning", () => {
  expect(order([{ subnet: "10.0.0.0/30" }], "192.168.0.1")).toEqual(["0.2"]);
});
