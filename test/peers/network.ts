/** The network under test, and what of it is to be seen on a machine. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/base/json-types.ts";
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
  const store = filesBelow(machine.path("/var/lib/cni/networks"))
    // An address, a draft or a file without content; not the lock and the last address given.
    .filter((file) => /\/[\da-f.:]+$|\.tmp$/.test(file) || readFileSync(file).length === 0)
    .filter((file) => !file.endsWith("/lock"));
  return [
    ...veths.map((l) => `veth ${l.ifname}`),
    ...ports.map((l) => `port ${l.ifname}`),
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
