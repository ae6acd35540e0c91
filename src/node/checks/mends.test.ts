/** Lines that mend, where a wrong one would do harm: what runs is not taken for a leftover, and nobody is cut off. */
import { describe, expect, test } from "bun:test";
import { parseCidr } from "../../base/cidr.ts";
import { FaultError } from "../../base/fault.ts";
import type { Netns } from "../../net/kernel.ts";
import type { Link } from "../../net/links.ts";
import type { Route } from "../../net/routes.ts";
import { usual } from "../asked.ts";
import { linkSysctl, sysctlFix } from "../finding.ts";
import { type HostTexts, textHost } from "../testing/text-host.ts";
import { clusterDnsCheck } from "./cluster-dns.ts";
import { forwardingCheck } from "./forwarding.ts";
import { hostnameCheck } from "./hostname.ts";
import { leftoversCheck } from "./leftovers.ts";
import { networkConfCheck } from "./network-conf.ts";
import { pluginsCheck } from "./plugins.ts";
import { portRangeCheck } from "./port-range.ts";
import { swapCheck } from "./swap.ts";

const conf = (name: string, ...types: string[]): string =>
  JSON.stringify({ cniVersion: "1.0.0", name, plugins: types.map((type) => ({ type })) });

test("a sysctl of a link with a dot in its name is one file in sysctl.d", () => {
  const { command } = sysctlFix(textHost({}), linkSysctl(4, "flannel.1", "rp_filter"), "2", "1");
  expect(command).toBe(
    "echo 'net.ipv4.conf.flannel/1.rp_filter = 2' > /etc/sysctl.d/99-zz-net.ipv4.conf.flannel-1.rp_filter.conf" +
      " && sysctl -w net.ipv4.conf.flannel/1.rp_filter=2",
  );
});

test("R1: a node that has its IPv6 route from a router goes on listening to it", () => {
  const host = (accept: string) =>
    textHost({
      links: [{ index: 2, name: "eth0", up: true } as Link],
      routes: [{ dst: parseCidr("::/0"), table: 254, type: 1, protocol: 9, link: 2 } as Route],
      sysctls: { "net.ipv6.conf.all.forwarding": "0", "net.ipv6.conf.eth0.accept_ra": accept },
    });
  const asked = { ...usual, podCidrs: [parseCidr("fd00::/56")] };
  const [found] = forwardingCheck.run(host("1"), asked);
  expect(found?.fix?.command).toMatch(/accept_ra=2 && .*forwarding=1$/);
  expect(found?.fix?.undo).toMatch(/forwarding=0 && .*accept_ra=1$/);
  expect(forwardingCheck.run(host("2"), asked)[0]?.fix?.command).not.toContain("accept_ra");
});

describe("L6", () => {
  /** A kernel that shows no rules. */
  const ns = new Proxy(
    {},
    {
      get: () => {
        throw new FaultError({ kind: "permission", op: "nft list ruleset", needs: "CAP_NET_ADMIN" });
      },
    },
  ) as Netns;
  const run = (texts: HostTexts) => leftoversCheck.run(textHost({ ...texts, ns }), usual);
  const link = (name: string, kind: string) => ({ index: 5, name, kind, up: true }) as Link;

  test("what K3s runs by itself is not left behind", () => {
    const files = { "/var/lib/cni/networks/cbr0/10.42.0.2": "x" };
    expect(run({ links: [link("flannel.1", "vxlan")], files, running: ["k3s-server"] })).toMatchObject([
      { outcome: "unknown", seen: "k3s-server runs, which keeps its network config elsewhere" },
    ]);
  });
  test("LXC's bridge is not Cilium's, and Cilium's links are", () => {
    expect(run({ links: [link("lxcbr0", "bridge")] })).toMatchObject([{ outcome: "ok" }]);
    expect(run({ links: [link("lxc0123456789ab", "veth"), link("lxc_health", "veth")] })).toMatchObject([
      { subject: "Cilium", fix: { command: "ip link del lxc0123456789ab; ip link del lxc_health" } },
    ]);
  });
  test("Flannel that runs under another plugin's config is in use (Canal)", () => {
    const files = { "/etc/cni/net.d/10-canal.conflist": conf("k8s-pod-network", "calico") };
    const links = [link("flannel.1", "vxlan")];
    expect(run({ links, files, running: ["flanneld"] })).toMatchObject([{ outcome: "ok" }]);
    expect(run({ links, files })).toMatchObject([{ outcome: "warn", subject: "Flannel" }]);
  });
});

test("L7: what the runtime takes stays; the others are put aside, however they are called", () => {
  const files = {
    "/etc/cni/net.d/10-flannel.conflist": conf("cbr0", "flannel"),
    "/etc/cni/net.d/87 engine.conflist": conf("engine", "bridge"),
  };
  const [found] = networkConfCheck.run(textHost({ files }), usual);
  expect(found?.fix).toEqual({
    command: "mv '/etc/cni/net.d/87 engine.conflist' '/etc/cni/net.d/87 engine.conflist.off'",
    undo: "mv '/etc/cni/net.d/87 engine.conflist.off' '/etc/cni/net.d/87 engine.conflist'",
    survivesReboot: true,
  });
});

test("L8: podwire stands for its own plugins alone", () => {
  const run = (...types: string[]) =>
    pluginsCheck.run(textHost({ files: { "/etc/cni/net.d/10-a.conflist": conf("a", ...types) } }), usual)[0];
  expect(run("calico")?.fix).toBeUndefined();
  expect(run("calico", "portmap")?.fix?.undo).toBe("rm /opt/cni/bin/portmap");
});

test("M4: one line holds all ranges back, and that for one range does not lend the other", () => {
  const sysctls = { "net.ipv4.ip_local_port_range": "1024\t65535" };
  const found = portRangeCheck.run(textHost({ sysctls }), usual).filter((f) => f.outcome !== "ok");
  expect(new Set(found.map((f) => f.fix?.command)).size).toBe(1);
});

test("C4: what is no address at all is told, not stumbled over", () => {
  const files = { "/var/lib/kubelet/config.yaml": "clusterDNS:\n- coredns\n" };
  const asked = { ...usual, clusterDns: parseCidr("10.96.0.10/32").ip };
  expect(clusterDnsCheck.run(textHost({ files }), asked).at(-1)).toMatchObject({ outcome: "fail", seen: "coredns" });
});

test("I1: a name of a shell's own signs is quoted, and what is suggested is a name", () => {
  const [found] = hostnameCheck.run(textHost({ name: "My_Node..-a b" }), usual);
  expect(found?.fix).toMatchObject({
    command: "hostnamectl set-hostname my-node.a-b",
    undo: "hostnamectl set-hostname 'My_Node..-a b'",
  });
});

test("I1: a node that has joined a cluster is not renamed", () => {
  const files = { "/etc/kubernetes/kubelet.conf": "apiVersion: v1\n" };
  const [found] = hostnameCheck.run(textHost({ name: "ubuntu", files }), usual);
  expect(found?.outcome).toBe("fail");
  expect(found?.fix).toBe(undefined);
  expect(found?.want).toContain("take it out before it is renamed");
});

test("K4: zram is masked, and no file of anybody's is touched", () => {
  const look = (files: Record<string, string>) => swapCheck.run(textHost({ files }), usual)[0];
  const zram = "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition\t1024\t0\t100\n";
  expect(look({ "/proc/swaps": zram })?.fix?.command).toBe(
    "swapoff /dev/zram0 && systemctl mask systemd-zram-setup@zram0.service",
  );
  const tools = { "/usr/lib/systemd/system/zramswap.service": "" };
  expect(look({ "/proc/swaps": zram, ...tools })?.fix?.undo).toBe(
    "systemctl unmask zramswap.service && systemctl restart zramswap.service",
  );
});
