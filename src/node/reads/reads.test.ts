/** What is read from files, on a node whose files are those of a folder. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseCidr } from "../../base/cidr.ts";
import { parseIp } from "../../base/ip.ts";
import { ruleActions } from "../../kernel/codec/route/rule.ts";
import { openKernel } from "../../net/kernel.ts";
import type { Route } from "../../net/routes.ts";
import type { Rule } from "../../net/rules.ts";
import { usual } from "../asked.ts";
import type { Check } from "../check.ts";
import { clusterDnsCheck } from "../checks/cluster-dns.ts";
import { familiesCheck } from "../checks/families.ts";
import { leftoversCheck } from "../checks/leftovers.ts";
import { machineIdCheck } from "../checks/machine-id.ts";
import { networkConfCheck } from "../checks/network-conf.ts";
import { pluginsCheck } from "../checks/plugins.ts";
import { rangeSizeCheck } from "../checks/range-size.ts";
import { rangesCheck } from "../checks/ranges.ts";
import { type Host, openHost } from "../host.ts";
import { matchesGlob } from "./glob.ts";
import { iniValues, lastIni, layeredFiles, systemdRoots } from "./ini.ts";
import { decide } from "./lookup.ts";
import { bridgesOf, chosenConf, networkConfs, rangesOf, typesOf } from "./network-confs.ts";
import { atBoot } from "./sysctl-files.ts";
import { freeRange } from "./taken.ts";
import { toldNodeIp } from "./uplinks.ts";

const kernel = openKernel();
const folder = mkdtempSync(join(tmpdir(), "podwire-reads-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
  kernel[Symbol.dispose]();
});

let count = 0;
const hostOf = (files: Readonly<Record<string, string>>): Host => {
  const overlay = join(folder, String(++count));
  mkdirSync(overlay);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(overlay, path)), { recursive: true });
    writeFileSync(join(overlay, path), text);
  }
  return openHost({ ns: kernel.host, name: "node1", kind: "lab-node", overlay });
};
const outcomes = (check: Check, host: Host, asked = usual) =>
  check.run(host, asked).map(({ outcome, seen }) => `${outcome} ${seen}`);

test("a node's folder is all that it has of files, but for the kernel's and the programs", () => {
  const host = hostOf({ "/etc/hostname": "node1\n" });
  expect(host.read("/etc/hostname")).toBe("node1\n");
  expect(host.read("/etc/passwd")).toBeUndefined();
  expect(host.list("/etc/sysctl.d")).toEqual([]);
  expect(host.read("/proc/sys/kernel/osrelease")).toBeDefined();
  expect(host.list("/sys/class/net")).toEqual([]);
  expect(host.list("/bin").length).toBeGreaterThan(0);
});

test("sysctls at boot: the last file by name wins, a file in /etc hides its like, a spelled-out name goes before a pattern", () => {
  const name = "net.ipv4.ip_forward";
  const of = (files: Record<string, string>) => atBoot(hostOf(files), name);
  expect(of({})).toBeUndefined();
  expect(of({ "/etc/sysctl.d/10-a.conf": `${name}=1`, "/usr/lib/sysctl.d/50-b.conf": `${name} = 0 ` })).toEqual({
    value: "0",
    path: "/usr/lib/sysctl.d/50-b.conf",
  });
  expect(of({ "/etc/sysctl.d/50-b.conf": "# nothing", "/usr/lib/sysctl.d/50-b.conf": `${name}=0` })).toBeUndefined();
  expect(of({ "/etc/sysctl.d/a.conf": "-net/ipv4/ip_forward=1", "/etc/sysctl.conf": `${name}=0` })?.value).toBe("0");
  expect(of({ "/etc/sysctl.d/a.conf": `#${name}=0\n;${name}=0\n${name}=1` })?.value).toBe("1");
  const ufw = { "/etc/ufw/ufw.conf": "ENABLED=yes\n", "/etc/ufw/sysctl.conf": "net/ipv4/ip_forward=0\n" };
  expect(of({ "/etc/sysctl.d/99-z.conf": `${name}=1`, ...ufw })?.path).toBe("/etc/ufw/sysctl.conf");
  const patterns = hostOf({
    "/etc/sysctl.d/10.conf": "net.ipv4.conf.eth0.rp_filter = 0",
    "/etc/sysctl.d/50.conf": "net.ipv4.conf.*.rp_filter = 2",
  });
  expect(atBoot(patterns, "net.ipv4.conf.eth0.rp_filter")?.value).toBe("0");
  expect(atBoot(patterns, "net.ipv4.conf.eth1.rp_filter")?.value).toBe("2");
});

test("sections, keys and drop-ins: the last says it, comments and other sections do not", () => {
  expect(iniValues("[A]\nk=1\n#k=2\n[B]\nk=3\n[A]\n k = 4 \n", "A", "k")).toEqual(["1", "4"]);
  const host = hostOf({
    "/usr/lib/systemd/networkd.conf.d/10.conf": "[Network]\nManageForeignRoutes=yes\n",
    "/etc/systemd/networkd.conf.d/50.conf": "[Network]\nManageForeignRoutes=no\n",
  });
  const paths = layeredFiles(host, systemdRoots, "networkd.conf.d", ".conf");
  expect(lastIni(host, paths, "Network", "ManageForeignRoutes")?.value).toBe("no");
  expect([matchesGlob("veth*", "veth0"), matchesGlob("cni?", "cni0"), matchesGlob("a.b", "axb")]).toEqual([
    true,
    true,
    false,
  ]);
});

const bridge = {
  type: "bridge",
  ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24", rangeEnd: "10.1.0.9" }]] },
};

test("network configs: sorted as libcni does, the first counts, bridges and ranges and types are found", () => {
  const host = hostOf({
    "/etc/cni/net.d/20-b.conf": JSON.stringify({ name: "b", ...bridge }),
    "/etc/cni/net.d/10-a.conflist": JSON.stringify({ name: "a", plugins: [bridge, { type: "portmap" }] }),
    "/etc/cni/net.d/README": "none",
    "/etc/cni/net.d/00-old.conflist.off": "{",
  });
  expect(networkConfs(host).map(({ name }) => name)).toEqual(["a", "b"]);
  const conf = chosenConf(host)!;
  expect(bridgesOf(conf)).toEqual(["cni0"]);
  expect(typesOf(conf)).toEqual(["bridge", "host-local", "portmap"]);
  expect(rangesOf(conf)).toEqual([{ subnet: parseCidr("10.1.0.0/24"), last: parseIp("10.1.0.9") }]);
  expect(outcomes(networkConfCheck, host)[0]).toStartWith("fail 2 configs: 10-a.conflist (network a) comes first");
  for (const [text, problem] of [
    ["{", "is not JSON"],
    ["[]", "is not a JSON object"],
    ['{"name":"x"}', "has no plugins"],
    ['{"name":"x","plugins":[{}]}', "has a plugin without a type"],
  ])
    expect(outcomes(networkConfCheck, hostOf({ "/etc/cni/net.d/1.conflist": text! }))).toEqual([
      `fail comes first, and ${problem}`,
    ]);
  const flannel = hostOf({
    "/etc/cni/net.d/1.conflist": JSON.stringify({
      name: "f",
      plugins: [{ type: "flannel", delegate: { isDefaultGateway: true } }],
    }),
  });
  expect(bridgesOf(chosenConf(flannel))).toEqual(["cni0"]);
});

test("plugins are looked for where the runtime is told to", () => {
  const conf = { "/etc/cni/net.d/1.conf": JSON.stringify({ name: "a", ...bridge }) };
  expect(outcomes(pluginsCheck, hostOf({}))).toEqual([]);
  expect(outcomes(pluginsCheck, hostOf({ ...conf, "/opt/cni/bin/bridge": "" }))[0]).toStartWith(
    "fail host-local: in none of",
  );
  const told = {
    "/etc/containerd/config.toml": 'bin_dir = "/srv/cni"\n',
    "/srv/cni/bridge": "",
    "/srv/cni/host-local": "",
  };
  expect(outcomes(pluginsCheck, hostOf({ ...conf, ...told }))).toEqual(["ok bridge, host-local"]);
});

test("what kubelet is told as --node-ip is read from its files, the later one winning", () => {
  expect(toldNodeIp(hostOf({}))).toBeUndefined();
  const host = hostOf({
    "/var/lib/kubelet/kubeadm-flags.env": 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1 --x"\n',
    "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--node-ip 10.0.0.2\n",
  });
  expect(toldNodeIp(host)).toEqual({ text: "10.0.0.2", path: "/etc/default/kubelet" });
});

test("machine-id: missing, uninitialized, of another form, another in D-Bus", () => {
  const id = "0123456789abcdef0123456789abcdef";
  const of = (files: Record<string, string>) => outcomes(machineIdCheck, hostOf(files))[0]!.split(" ")[0];
  expect(of({})).toBe("fail");
  expect(of({ "/etc/machine-id": "uninitialized\n" })).toBe("warn");
  expect(of({ "/etc/machine-id": "0".repeat(32) })).toBe("fail");
  expect(of({ "/etc/machine-id": id, "/var/lib/dbus/machine-id": "f".repeat(32) })).toBe("warn");
  expect(of({ "/etc/machine-id": `${id}\n`, "/var/lib/dbus/machine-id": `${id}\n` })).toBe("ok");
});

test("addresses that are held for a network which no config speaks of are left over", () => {
  const held = { "/var/lib/cni/networks/old/10.9.0.2": "id\n", "/var/lib/cni/networks/old/lock": "" };
  const conf = (name: string) => ({ "/etc/cni/net.d/1.conf": JSON.stringify({ name, ...bridge }) });
  expect(outcomes(leftoversCheck, hostOf({ ...held, ...conf("old") }))).toEqual(["ok nothing"]);
  expect(
    leftoversCheck.run(hostOf({ ...held, ...conf("new") }), usual).map((f) => [f.outcome, f.subject, f.fix?.command]),
  ).toEqual([["warn", "/var/lib/cni/networks/old", "rm -r /var/lib/cni/networks/old"]]);
});

test("ranges: blocks, pods and services by arithmetic", () => {
  const host = hostOf({});
  const of = (pods: string, services: string, more = {}) =>
    outcomes(rangeSizeCheck, host, {
      ...usual,
      podCidrs: [parseCidr(pods)],
      serviceCidrs: [parseCidr(services)],
      ...more,
    });
  expect(of("10.244.0.0/16", "10.96.0.0/12")).toEqual(["ok 256 nodes of 253 pods", "ok over a million services"]);
  expect(of("10.244.0.0/25", "10.96.0.0/12")[0]).toStartWith("fail smaller than one node's block");
  expect(of("10.0.0.0/7", "10.96.0.0/12")[0]).toStartWith("fail 2^17 blocks");
  expect(of("10.244.0.0/16", "10.96.0.0/12", { nodePrefix: { 4: 25, 6: 64 }, maxPods: 250 })[0]).toStartWith(
    "fail 125 addresses",
  );
  expect(of("10.244.0.0/16", "10.96.0.0/28")[1]).toStartWith("warn 16 addresses");
  expect(of("fd00::/48", "fd01::/64")[1]).toStartWith("fail /64");
});

test("ranges overlap with each other, a name server or a proxy, and one that does not is suggested", () => {
  const asked = { ...usual, serviceCidrs: [parseCidr("10.244.128.0/20")] };
  const of = (files: Record<string, string>, a = usual) => outcomes(rangesCheck, hostOf(files), a);
  expect(of({})).toEqual(["ok nobody else's", "ok nobody else's"]);
  expect(of({}, asked).filter((line) => line.startsWith("fail"))).toHaveLength(2);
  expect(of({ "/etc/resolv.conf": "nameserver 10.244.7.1\n" })[0]).toBe(
    "fail 10.244.7.1/32 is the DNS server in /etc/resolv.conf",
  );
  expect(of({ "/etc/resolv.conf": "nameserver 10.96.0.10\nnameserver 127.0.0.53\n" })).toEqual(of({}));
  expect(of({ "/etc/environment": 'HTTP_PROXY="http://10.100.0.1:3128/"\n' })[1]).toBe(
    "fail 10.100.0.1/32 is HTTP_PROXY in /etc/environment",
  );
  expect(freeRange("pods", parseCidr("10.244.0.0/16"), [parseCidr("10.244.0.0/16")])).toBe("10.42.0.0/16");
  expect(freeRange("pods", parseCidr("10.244.0.0/16"), [parseCidr("10.0.0.0/8")])).toBe("172.20.0.0/16");
  expect(freeRange("services", parseCidr("10.96.0.0/12"), [parseCidr("10.0.0.0/8")])).toBe("172.30.0.0/16");
  expect(freeRange("services", parseCidr("10.96.0.0/12"), [parseCidr("0.0.0.0/0")])).toBeUndefined();
});

test("families: services have no more than pods, and the same first", () => {
  const of = (pods: string[], services: string[]) =>
    outcomes(familiesCheck, hostOf({}), {
      ...usual,
      podCidrs: pods.map((c) => parseCidr(c)),
      serviceCidrs: services.map((c) => parseCidr(c)),
    });
  const [four, six] = ["10.0.0.0/16", "fd00::/56"];
  expect(of([four], [four])).toEqual(["ok IPv4"]);
  expect(of([four], [six])).toEqual(["fail IPv6"]);
  expect(of([four, six], [six, four])).toEqual(["warn first IPv6"]);
});

test("the cluster's DNS: in the services, the same for kubelet, or NodeLocal DNSCache", () => {
  const kubelet = (...ips: string[]) => ({
    "/var/lib/kubelet/config.yaml": `clusterDNS:\n${ips.map((ip) => `- ${ip}\n`).join("")}`,
  });
  const of = (files: Record<string, string>, clusterDns?: string) =>
    outcomes(clusterDnsCheck, hostOf(files), { ...usual, ...(clusterDns ? { clusterDns: parseIp(clusterDns) } : {}) });
  expect(of({})).toEqual([]);
  expect(of({}, "10.244.0.10")).toEqual(["fail 10.244.0.10"]);
  expect(of(kubelet("10.96.0.10"))).toEqual(["ok 10.96.0.10"]);
  expect(of(kubelet("192.0.2.1"))).toEqual(["fail 192.0.2.1"]);
  expect(of(kubelet("10.96.0.11"), "10.96.0.10").at(-1)).toBe("fail 10.96.0.11");
  expect(of(kubelet("169.254.20.10"), "10.96.0.10")).toEqual(["ok 10.96.0.10", "ok 169.254.20.10"]);
});

test("a packet is decided on by the first rule whose table knows a way", () => {
  const rule = (priority: number, table: number, more: Partial<Rule> = {}): Rule => ({
    family: 4,
    action: ruleActions.toTable,
    priority,
    table,
    protocol: 0,
    ...more,
  });
  const route = (dst: string, table: number): Route => ({ dst: parseCidr(dst), table, type: 1, scope: 0, protocol: 3 });
  const packet = { from: parseIp("10.244.0.2"), to: parseIp("10.244.1.2"), iif: "cni0" };
  const own = [rule(0, 255), rule(32766, 254)];
  const of = (rules: Rule[], ...routes: Route[]) => decide([...rules, ...own], routes, packet)?.rule.table;
  const pods = route("10.244.1.0/24", 254);
  expect(of([], pods)).toBe(254);
  expect(of([])).toBeUndefined();
  // Tailscale's, whose table has the range; one whose table has not; one for marked packets alone.
  expect(of([rule(5270, 52)], pods, route("10.0.0.0/8", 52))).toBe(52);
  expect(of([rule(5270, 52)], pods)).toBe(254);
  expect(of([rule(5270, 52, { mark: 1 })], pods, route("10.0.0.0/8", 52))).toBe(254);
  // wg-quick's pair: main without its default route, then everything that carries no mark.
  const quick = [rule(32764, 254, { suppressPrefixlen: 0 }), rule(32765, 51820, { mark: 51820, invert: true })];
  const defaults = [route("0.0.0.0/0", 254), route("0.0.0.0/0", 51820)];
  expect(of(quick, pods, ...defaults)).toBe(254);
  expect(of(quick, ...defaults)).toBe(51820);
  expect(decide([rule(10, 0, { action: ruleActions.prohibit }), ...own], [pods], packet)?.route).toBeUndefined();
});
