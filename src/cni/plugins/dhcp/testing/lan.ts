/** A LAN for dhcp's tests: a bridge of the host with a port to a namespace where dnsmasq gives addresses, and our daemon. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import { type Stage, type StageOptions, withStage } from "../../../testing/stage.ts";
import { type Running, start } from "./process.ts";

/** Where `npm run build` puts the plugins. */
export const builtDir = join(import.meta.dir, "../../../../../dist/cni");

export interface Lan extends Stage {
  readonly lan: TestNetns;
  readonly socket: string;
  /** `mac address name` of each lease as dnsmasq has it on disk. */
  leases(): string[];
  /** The newest one. */
  readonly dnsmasq: Running;
  readonly daemon: Running;
  /** Ends the one that runs and starts another. */
  startDnsmasq(...args: readonly string[]): Promise<Running>;
  startDaemon(...args: readonly string[]): Promise<Running>;
  /** Starts one beside the other. @throws Error with what it said when it ended */
  secondDaemon(): Promise<Running>;
  /** A config of bridge with dhcp. */
  conf(ipam?: JsonObject, more?: JsonObject): JsonObject;
  /** The file in which a lease is kept. */
  leaseFile(containerId?: string): string;
}

export interface LanOptions extends StageOptions {
  /** More of dnsmasq's arguments. */
  readonly dnsmasq?: readonly string[];
  readonly daemon?: readonly string[];
  /** The host has an address on the bridge. */
  readonly hostAddress?: boolean;
}

interface Pod {
  ipJson<T>(line: string): T[];
}
export const macOf = (pod: Pod): string => pod.ipJson<{ address: string }>("link show eth0")[0]!.address;
/** Its address on eth0. */
export const leasedBy = (pod: Pod): string =>
  pod.ipJson<{ addr_info: { local: string }[] }>("-4 addr show eth0")[0]!.addr_info[0]!.local;
export const isUp = (pod: Pod): boolean => pod.ipJson<{ flags: string[] }>("link show eth0")[0]!.flags.includes("UP");

const build = (s: Stage, lan: TestNetns, hostAddress: boolean): void => {
  s.host.sh(`ip link add br0 type bridge; ip link set br0 up
    ip link add up0 type veth peer name eth0 netns ${lan.name}; ip link set up0 master br0 up
    ${hostAddress ? "ip addr add 10.7.0.2/24 dev br0" : ""}`);
  lan.sh("ip addr add 10.7.0.1/24 dev eth0; ip link set eth0 up; ip link set lo up");
};

export const withLan = (act: (lan: Lan) => Promise<void>, options: LanOptions = {}): Promise<void> =>
  withStage(async (s) => {
    const lan = s.pod();
    build(s, lan, options.hostAddress ?? false);
    const [leaseFile, socket] = [join(s.dataDir, "leases"), join(s.dataDir, "dhcp.sock")];
    let dnsmasq: Running | undefined;
    let daemon: Running | undefined;
    const startDnsmasq = async (...args: readonly string[]): Promise<Running> => {
      await dnsmasq?.end();
      const fixed = ["--no-daemon", "--log-dhcp", "--log-facility=-", "--conf-file=/dev/null", "--port=0", "--no-ping"];
      const where = ["--user=root", "--interface=eth0", "--bind-interfaces", `--dhcp-leasefile=${leaseFile}`];
      const range = args.some((a) => a.startsWith("--dhcp-range")) ? [] : ["--dhcp-range=10.7.0.50,10.7.0.99,1h"];
      const said = ["nsenter", `--net=${lan.path}`, "dnsmasq", ...fixed, ...where, ...range, ...args];
      dnsmasq = start(said);
      await dnsmasq.line(/sockets bound/);
      return dnsmasq;
    };
    const oneMore = async (...args: readonly string[]): Promise<Running> => {
      const program = ["nsenter", `--net=${s.host.path}`, join(builtDir, "dhcp"), "daemon", "-socketpath", socket];
      const running = start([...program, ...args]);
      await running.line(/listens at/);
      return running;
    };
    const startDaemon = async (...args: readonly string[]): Promise<Running> => {
      await daemon?.end();
      daemon = await oneMore(...args);
      return daemon;
    };
    try {
      await startDnsmasq(...(options.dnsmasq ?? []));
      await startDaemon(...(options.daemon ?? []));
      await act({
        ...s,
        call: async (...about) => {
          const answer = await s.call(...about);
          // What the two say is read now: a program whose pipe is full stands still.
          await new Promise(setImmediate);
          return answer;
        },
        ...{ lan, socket, startDnsmasq, startDaemon, secondDaemon: oneMore },
        leases: () => readLeases(leaseFile),
        get dnsmasq() {
          return dnsmasq!;
        },
        get daemon() {
          return daemon!;
        },
        conf: (ipam = {}, more = {}) => ({
          ...{ cniVersion: "1.1.0", name: "lan", type: "bridge", bridge: "br0" },
          ipam: { type: "dhcp", daemonSocketPath: socket, ...ipam },
          ...more,
        }),
        leaseFile: (containerId = "pod1") => join(s.dataDir, "dhcp", "lan", `${containerId}:eth0.json`),
      });
    } finally {
      await dnsmasq?.end();
      await daemon?.end();
    }
  }, options);

/** `expiry mac address name client-id` on each line. */
const readLeases = (path: string): string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" ").slice(1, 4).join(" "))
    .sort();

/** Changes the file of a lease, which is only looked at when a daemon starts. */
export const editLease = (
  path: string,
  edit: (lease: { grant: Record<string, unknown> } & JsonObject) => void,
): void => {
  const lease = JSON.parse(readFileSync(path, "utf8"));
  edit(lease);
  writeFileSync(path, JSON.stringify(lease));
};
