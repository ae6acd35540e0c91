/** The network under test, and what of it is to be seen on a machine. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/base/json-types.ts";
import { makeNetns, type TestNetns } from "../../src/kernel/testing/netns.ts";
import type { Machine } from "./machine.ts";

/** The folder of the executables that `npm run build` makes. */
export const ownPlugins = join(import.meta.dirname, "../../dist/cni");

/** The config that a first introduction to CNI shows. */
export const example: JsonObject = {
  cniVersion: "0.4.0",
  name: "example-network",
  type: "bridge",
  bridge: "cni0",
  ipam: { type: "host-local", subnet: "10.244.0.0/16" },
};

export const configure = (machine: Machine, file: string, config: JsonObject): void =>
  writeFileSync(machine.path(`/etc/cni/net.d/${file}`), JSON.stringify(config));

const uplink = "up0";

/**
 * The world beyond a machine: a namespace on a link of the machine's, which has 192.0.2.1 there. Its ways to the machine's
 * pods are by the machine's address alone.
 */
export const addOutside = (machine: Machine): TestNetns => {
  const outside = makeNetns();
  machine.ns.sh(`ip link add ${uplink} type veth peer name eth0 netns ${outside.name}
    ip addr add 192.0.2.1/24 dev ${uplink}; ip link set ${uplink} up`);
  outside.sh("ip addr add 192.0.2.2/24 dev eth0; ip link set eth0 up; ip link set lo up");
  return outside;
};

/** A page over HTTP, asked for in a namespace; an empty text when nobody answers. */
export const fetchPage = (from: TestNetns, url: string): string => {
  const text = `console.log(await fetch("${url}", { signal: AbortSignal.timeout(5000) }).then((r) => r.text(), () => ""))`;
  return from.sh(`${process.execPath} -e '${text}'`).trim();
};

/** What a container runs to give its name to who asks on port 8000. It goes to the background once it listens. */
export const webServer = (name: string): string[] => ["sh", "-c", `echo ${name} > /index.html; httpd -p 8000 -h /`];

const filesBelow = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) => join(e.parentPath, e.name))
    : [];

/** Everything that attachments hold: veths, ports, reservations, cached results, named namespaces. Empty after the last. */
export const held = (machine: Machine): string[] => {
  const veths = machine.ns.ipJson<{ ifname: string }>("link show type veth");
  const ports = machine.ns.bridgeJson<{ ifname: string }>("link show");
  const rules = machine.ns.sh("nft list ruleset").match(/^table \S+ podwire_\S+/gm) ?? [];
  const ifbs = machine.ns.ipJson<{ ifname: string }>("link show type ifb");
  const store = filesBelow(machine.path("/var/lib/cni/networks"))
    // An address, a draft or a file without content; not the lock and the last address given.
    .filter((file) => /\/[\da-f.:]+$|\.tmp$/.test(file) || readFileSync(file).length === 0)
    .filter((file) => !file.endsWith("/lock"));
  return [
    ...veths.filter((l) => l.ifname !== uplink).map((l) => `veth ${l.ifname}`),
    ...ports.map((l) => `port ${l.ifname}`),
    ...ifbs.map((l) => `ifb ${l.ifname}`),
    ...rules,
    ...store.map((file) => `reservation ${file}`),
    ...filesBelow(machine.path("/var/lib/cni/results")).map((file) => `cached result ${file}`),
    ...readdirSync(machine.path("/run/netns")).map((name) => `namespace ${name}`),
  ];
};

export interface Result {
  readonly interfaces: readonly { name: string; mac: string; sandbox?: string }[];
  readonly ips: readonly { address: string; gateway?: string; interface: number }[];
  /** Not there when there are none. */
  readonly routes?: readonly { dst: string; gw?: string }[];
}

/** The result of ADD as the runtime's CNI library keeps it, with a list of routes also when there are none. */
export const cachedResult = (machine: Machine, network: string, container: string): Result => {
  const file = `/var/lib/cni/results/${network}-${container}-eth0`;
  const { result } = JSON.parse(readFileSync(machine.path(file), "utf8")) as { result: Result };
  return { ...result, routes: result.routes ?? [] };
};

type Link = { ifname: string; address: string; ifindex: number; link_index?: number; master?: string };
type Route = { dst: string; gateway?: string; protocol: string };
type Address = { family: string; local: string; prefixlen: number; scope: string };

/**
 * The same as a result, told by `ip` and `bridge`: the pod's side in `netns`, a path that the machine knows. Routes are
 * those that were asked for, as `ip` writes them.
 */
export const seen = (machine: Machine, netns: string, bridge: string): Result => {
  const inPod = (line: string): string =>
    machine.run(["nsenter", `--net=${netns}`, "ip", "-details", "-json", ...line.split(" ")]);
  const [pod] = JSON.parse(inPod("addr show dev eth0")) as (Link & { addr_info: Address[] })[];
  const host = machine.ns.ipJson<Link>("link").find((l) => l.ifindex === pod?.link_index);
  const [br] = machine.ns.ipJson<Link>(`link show ${bridge}`);
  const [port] = machine.ns.bridgeJson<Link>("link show").filter((l) => l.ifname === host?.ifname);
  if (!(pod && host && br) || host.master !== bridge || port?.master !== bridge)
    throw new Error(`no pair from ${netns} to a port of ${bridge}`);
  const routes = (JSON.parse(inPod("-4 route show")) as Route[]).filter((r) => r.protocol !== "kernel");
  return {
    interfaces: [
      { name: bridge, mac: br.address },
      { name: host.ifname, mac: host.address },
      { name: "eth0", mac: pod.address, sandbox: netns },
    ],
    ips: pod.addr_info
      .filter((a) => a.scope === "global")
      .map((a) => ({ address: `${a.local}/${a.prefixlen}`, interface: 2 })),
    routes: routes.map((r) => ({ dst: r.dst, ...(r.gateway !== undefined && { gw: r.gateway }) })),
  };
};
