// containerd with runc is the runtime: it calls our executables for pods as a kubelet asks for them, and for `ctr`.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../src/base/json-types.ts";
import { ctrRun, socket, startContainerd } from "./peers/containerd.ts";
import { openKubelet } from "./peers/kubelet.ts";
import type { Machine } from "./peers/machine.ts";
import { addOutside, cachedResult, configure, example, fetchPage, held, seen, webServer } from "./peers/network.ts";

setDefaultTimeout(120_000);

/** Whether this kernel and this user may run a container at all, with no network of ours. */
const trial = await (async () => {
  await using machine = await startContainerd();
  return machine.tryRun(ctrRun("trial", [], ["/bin/true"]));
})();
/** All that a node's list has. */
const chain: JsonObject = {
  cniVersion: "1.0.0",
  name: "chain",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isDefaultGateway: true,
      hairpinMode: true,
      ipMasq: true,
      ipam: { type: "host-local", subnet: "10.85.0.0/16" },
    },
    { type: "portmap", capabilities: { portMappings: true } },
    { type: "firewall" },
    { type: "tuning", sysctl: { "net.core.somaxconn": "512" } },
  ],
};

const withMachine = (name: string, act: (machine: Machine) => Promise<void>): void => {
  const body = async (): Promise<void> => {
    await using machine = await startContainerd();
    configure(machine, "10-example.conf", example);
    await act(machine);
  };
  if (trial.code === 0) test(name, body);
  else test.skip(`${name} [no container without a network either: ${trial.stderr.trim().split("\n").at(-1)}]`, body);
};

describe("pods, asked for over the Container Runtime Interface", () => {
  withMachine("containerd finds the config and calls the network ready", async (machine) => {
    using kubelet = openKubelet(machine.path(socket));
    expect(await kubelet.networkTrouble()).toBe("");
  });

  withMachine("two pods get addresses of their own, reach each other, and leave nothing", async (machine) => {
    using kubelet = openKubelet(machine.path(socket));
    const [one, two] = [await kubelet.runPod("one"), await kubelet.runPod("two")];
    expect([one.ip, two.ip].map((ip) => /^10\.244\.\d+\.\d+$/.test(ip))).toEqual([true, true]);
    expect(one.ip).not.toBe(two.ip);
    for (const pod of [one, two]) {
      const told = cachedResult(machine, "example-network", pod.id);
      expect(told).toMatchObject(seen(machine, pod.netns, "cni0"));
      expect(told.ips.map((ip) => ip.address)).toEqual([`${pod.ip}/16`]);
    }
    const shell = await kubelet.startContainer(one, "shell");
    expect(await kubelet.exec(shell, ["ip", "-4", "addr", "show", "lo"])).toContain("inet 127.0.0.1/8");
    expect(await kubelet.exec(shell, ["ip", "-4", "addr", "show", "eth0"])).toContain(`inet ${one.ip}/16`);
    expect(await kubelet.exec(shell, ["ping", "-c1", "-w30", two.ip])).toContain("1 packets received");
    for (const pod of [one, two]) await kubelet.removePod(pod);
    expect(held(machine)).toEqual([]);
  });

  withMachine("a pod whose namespace was taken away is removed, and its address is free again", async (machine) => {
    using kubelet = openKubelet(machine.path(socket));
    const pod = await kubelet.runPod("bereft");
    expect(held(machine)).not.toEqual([]);
    machine.run(["umount", pod.netns]);
    machine.run(["rm", pod.netns]);
    await kubelet.removePod(pod);
    expect(held(machine)).toEqual([]);
  });
});

withMachine(
  "a pod with a host port in a whole chain is reached from outside, reaches it, and leaves nothing",
  async (machine) => {
    using outside = addOutside(machine);
    machine.ns.sh("iptables -P FORWARD DROP; iptables -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT");
    const before = machine.ns.sh("iptables -S");
    configure(machine, "05-chain.conflist", chain);
    using kubelet = openKubelet(machine.path(socket));
    const pod = await kubelet.runPod("web", [{ hostPort: 8080, containerPort: 8000 }]);
    const shell = await kubelet.startContainer(pod, "shell");
    await kubelet.exec(shell, webServer("containerd"));
    expect(fetchPage(outside, "http://192.0.2.1:8080/")).toBe("containerd");
    expect(fetchPage(machine.ns, "http://127.0.0.1:8080/")).toBe("containerd");
    expect(await kubelet.exec(shell, ["ping", "-c1", "-w30", "192.0.2.2"])).toContain("1 packets received");
    await kubelet.removePod(pod);
    expect(fetchPage(outside, "http://192.0.2.1:8080/")).toBe("");
    expect(held(machine)).toEqual([]);
    expect(machine.ns.sh("iptables -S")).toBe(before);
  },
);

withMachine("a container of `ctr run --cni` has the network, and leaves nothing when it ends", async (machine) => {
  const look = "ip -4 addr show eth0; ip route; echo end of report; exec sleep 100000";
  const container = machine.start(ctrRun("loner", ["--cni"], ["/bin/sh", "-c", look]));
  await container.said("end of report");
  const told = cachedResult(machine, "example-network", "default-loner");
  const netns = told.interfaces[2]?.sandbox ?? "";
  expect(told).toMatchObject(seen(machine, netns, "cni0"));
  machine.run(["ctr", "task", "kill", "--signal", "SIGKILL", "loner"]);
  const { text } = await container.ended();
  expect(text).toContain(`inet ${told.ips[0]?.address}`);
  expect(held(machine)).toEqual([]);
});
