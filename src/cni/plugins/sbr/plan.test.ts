/** The lines that a person would have typed. */
import { expect, test } from "bun:test";
import { parseCidr } from "../../../base/cidr.ts";
import { parseIp } from "../../../base/ip.ts";
import { render } from "../../../net/plan/render.ts";
import type { RouteSpec } from "../../../net/routes.ts";
import { ruleMark } from "../../mark.ts";
import type { Request } from "../../spec/types.ts";
import type { SbrConfig } from "./config.ts";
import type { Source } from "./own.ts";
import { planAdd } from "./plan.ts";

const owner = { network: "net1", containerId: "pod1", ifname: "eth1" };
const request = (config: Partial<SbrConfig>): Request<SbrConfig> => ({
  ...owner,
  verb: "ADD",
  cniVersion: "1.1.0",
  netns: "/run/netns/pod",
  args: "",
  path: [],
  raw: {},
  config: { gateways: {}, sourceHints: false, ...config },
});
const source = (address: string, gateway?: string): Source => ({
  address: parseCidr(address),
  ...(gateway && { gateway: parseIp(gateway) }),
});
const route = (dst: string, more: Partial<RouteSpec> = {}): RouteSpec => ({
  dst: parseCidr(dst),
  link: "eth1",
  table: 254,
  protocol: 2,
  scope: more.gw ? 0 : 253,
  ...more,
});
const lines = (
  config: Partial<SbrConfig>,
  sources: readonly Source[],
  routes: readonly RouteSpec[],
  used: number[] = [],
) =>
  planAdd(request(config), sources, { used: new Set(used), routes }).map((step) =>
    render(step).replace("ip -n pod ", ""),
  );

const subnet = route("10.7.0.0/24", { src: parseIp("10.7.0.5") });
const other = route("192.168.0.0/16", { gw: parseIp("10.7.0.9") });
const mark = "protocol 112";
const rule = (ip: string, table: number) =>
  `rule add from ${ip}/32 suppress_ifgroup ${ruleMark(owner)} table ${table} ${mark}`;

test("a rule, its table from the direct routes on, and the same routes out of table main, the other way round", () => {
  expect(lines({}, [source("10.7.0.5/24", "10.7.0.1")], [other, subnet])).toEqual([
    rule("10.7.0.5", 100),
    "route append 10.7.0.0/24 dev eth1 table 100 proto 112 scope 253 src 10.7.0.5",
    "route append 192.168.0.0/16 via 10.7.0.9 dev eth1 table 100 proto 112 scope 0",
    "route append default via 10.7.0.1 dev eth1 table 100 proto 112",
    "route del 192.168.0.0/16 via 10.7.0.9 dev eth1 proto 2 scope 0",
    "route del 10.7.0.0/24 dev eth1 proto 2 scope 253 src 10.7.0.5",
  ]);
});

test("each address has a table, the next one that nobody uses", () => {
  const rules = lines({}, [source("10.7.0.5/24"), source("10.7.0.6/24"), source("fd00::5/64")], [], [100, 102]);
  expect(rules).toEqual([
    rule("10.7.0.5", 101),
    rule("10.7.0.6", 103),
    `-6 rule add from fd00::5/128 suppress_ifgroup ${ruleMark(owner)} table 104 ${mark}`,
  ]);
});

test("tables default, main and local are never taken", () => {
  const used = Array.from({ length: 153 }, (_, i) => 100 + i);
  expect(lines({}, [source("10.7.0.5/24")], [], [...used, 254, 255])).toEqual([rule("10.7.0.5", 256)]);
});

test("a table that the config names is all that a rule needs", () => {
  expect(lines({ table: 7 }, [source("10.7.0.5/24", "10.7.0.1")], [subnet, other])).toEqual([rule("10.7.0.5", 7)]);
});
