/** What tuning's tests share: a pod with an interface as a main plugin leaves it, and `ip` as the judge. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parseJson } from "../../../../base/json.ts";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import type { Stage } from "../../../testing/stage.ts";

export const podMac = "02:00:00:00:00:01";
export const otherMac = "02:42:ac:11:00:02";

/** A pod whose eth0 is one end of a veth pair. */
export const podWithLink = (s: Stage, ifname = "eth0"): TestNetns => {
  const pod = s.pod();
  s.host.sh(`ip link add type veth peer name ${ifname} address ${podMac} netns ${pod.name}`);
  pod.sh(`ip addr add 10.1.2.3/24 dev ${ifname}; ip link set ${ifname} up`);
  return pod;
};

/** In the newest version that the reference here speaks. */
export const tuningConf = (s: Stage, pod: TestNetns, more: JsonObject = {}): JsonObject => ({
  cniVersion: "1.0.0",
  name: "net1",
  type: "tuning",
  dataDir: folderOf(s),
  prevResult: {
    cniVersion: "1.0.0",
    interfaces: [{ name: "veth0" }, { name: "eth0", mac: podMac, sandbox: pod.path }],
    ips: [{ address: "10.1.2.3/24", interface: 1 }],
    dns: { nameservers: ["10.9.9.9"] },
  },
  ...more,
});

export const folderOf = (s: Stage): string => `${s.dataDir}/tuning`;

/** Names and contents of the folder's files. */
export const filesOf = (s: Stage): Record<string, unknown> =>
  Object.fromEntries(
    (existsSync(folderOf(s)) ? readdirSync(folderOf(s)) : []).map((name) => {
      const text = readFileSync(`${folderOf(s)}/${name}`, "utf8");
      return [name, text.startsWith("{") ? parseJson(text, name) : text];
    }),
  );

interface Row {
  readonly address: string;
  readonly mtu: number;
  readonly txqlen?: number;
  readonly flags: readonly string[];
}

/** What `ip` shows of the pod's interface. */
export const attributes = (pod: TestNetns, ifname = "eth0"): JsonObject => {
  const row = pod.ipJson<Row>(`link show dev ${ifname}`)[0];
  if (!row) throw new Error(`no ${ifname}`);
  // `ip` says nothing of a queue of 0.
  const { address: mac, mtu, txqlen = 0, flags } = row;
  return { mac, mtu, txqlen, promisc: flags.includes("PROMISC"), allmulti: flags.includes("ALLMULTI") };
};

export const untouched = { mac: podMac, mtu: 1500, txqlen: 1000, promisc: false, allmulti: false };

/** A sysctl's value, blanks as the kernel has them; the name with slashes. */
export const sysctl = (pod: TestNetns, name: string): string => pod.sh(`cat /proc/sys/${name}`).trim();
