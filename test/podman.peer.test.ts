// podman with runc is the runtime: its CNI library calls our executables, with lists as podman itself writes them.
import { expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../src/base/json-types.ts";
import { imageName } from "./peers/image.ts";
import type { Machine } from "./peers/machine.ts";
import { addOutside, cachedResult, configure, example, fetchPage, held, seen, webServer } from "./peers/network.ts";
import { furnishPodman } from "./peers/podman.ts";

setDefaultTimeout(120_000);

/** Whether podman can run a container here without a network, and has CNI for those that need one. */
const trial = await (async (): Promise<string> => {
  await using machine = await furnishPodman();
  const backend = machine.run(["podman", "info", "--format", "{{.Host.NetworkBackend}}"]).trim();
  if (backend !== "cni") return `this podman has no CNI, but ${backend}`;
  const ran = machine.tryRun(["podman", "run", "--rm", "--network", "none", imageName, "true"]);
  return ran.code === 0 ? "" : `no container without a network either: ${ran.stderr.trim().split("\n").at(-1)}`;
})();
const withMachine = (name: string, act: (machine: Machine) => Promise<void>): void => {
  const body = async (): Promise<void> => {
    await using machine = await furnishPodman();
    await act(machine);
  };
  if (trial === "") test(name, body);
  else test.skip(`${name} [${trial}]`, body);
};

const podman = (machine: Machine, line: string): string => machine.run(["podman", ...line.split(" ")]).trim();

interface Container {
  readonly id: string;
  readonly ip: string;
  readonly mac: string;
  readonly gateway: string;
  readonly netns: string;
}

/** A container that sleeps in `network`, as podman describes it. */
const runIn = (machine: Machine, network: string, more = ""): Container => {
  const id = podman(machine, `run --detach --network ${network} ${more}${imageName}`);
  const [{ NetworkSettings: s }] = JSON.parse(podman(machine, `inspect ${id}`)) as [
    { NetworkSettings: { SandboxKey: string; Networks: Record<string, Record<string, string>> } },
  ];
  const { IPAddress = "", MacAddress = "", Gateway = "" } = s.Networks[network] ?? {};
  return { id, ip: IPAddress, mac: MacAddress, gateway: Gateway, netns: s.SandboxKey };
};

/** The config of a single plugin as a list, which is all that podman reads. */
const asList = ({ cniVersion, name, ...plugin }: JsonObject): JsonObject => ({
  cniVersion: cniVersion ?? "",
  name: name ?? "",
  plugins: [plugin],
});

/** What `podman network create` writes, but for masquerading and the plugins chained to it. */
const podmans = {
  cniVersion: "0.4.0",
  name: "ours",
  plugins: [
    {
      type: "bridge",
      bridge: "cni-podman1",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        routes: [{ dst: "0.0.0.0/0" }],
        ranges: [[{ subnet: "10.89.0.0/24", gateway: "10.89.0.1" }]],
      },
      capabilities: { ips: true, mac: true },
    },
  ],
};

withMachine("two containers of the example network reach each other, and leave nothing", async (machine) => {
  configure(machine, "10-example.conflist", asList(example));
  const containers = [runIn(machine, "example-network"), runIn(machine, "example-network")] as const;
  for (const one of containers) {
    const told = cachedResult(machine, "example-network", one.id);
    expect(told).toMatchObject(seen(machine, one.netns, "cni0"));
    expect(told.ips.map((ip) => ip.address)).toEqual([`${one.ip}/16`]);
    expect(told.interfaces[2]?.mac).toBe(one.mac);
    expect(podman(machine, `exec ${one.id} ip -4 addr show eth0`)).toContain(`inet ${one.ip}/16`);
  }
  const [a, b] = containers;
  expect(a.ip).not.toBe(b.ip);
  expect(podman(machine, `exec ${a.id} ping -c1 -w30 ${b.ip}`)).toContain("1 packets received");
  podman(machine, `rm --force --time 0 ${a.id} ${b.id}`);
  expect(held(machine)).toEqual([]);
});

withMachine("a list as podman writes it gives gateway, default route, asked-for address and MAC", async (machine) => {
  configure(machine, "20-ours.conflist", podmans);
  const asked = runIn(machine, "ours", "--ip 10.89.0.77 --mac-address 02:42:ac:11:00:02 ");
  expect(asked).toMatchObject({ ip: "10.89.0.77", mac: "02:42:ac:11:00:02", gateway: "10.89.0.1" });
  const told = cachedResult(machine, "ours", asked.id);
  const { routes, ...rest } = seen(machine, asked.netns, "cni-podman1");
  expect(told).toMatchObject(rest);
  // A route of the config without a gateway goes by the one of the range.
  expect(routes).toEqual([{ dst: "default", gw: "10.89.0.1" }]);
  const [bridge] = machine.ns.ipJson<{ addr_info: { local: string }[] }>("-4 addr show cni-podman1");
  expect(bridge?.addr_info.map((a) => a.local)).toEqual(["10.89.0.1"]);
  expect(podman(machine, `exec ${asked.id} ping -c1 -w30 10.89.0.1`)).toContain("1 packets received");
  podman(machine, `rm --force --time 0 ${asked.id}`);
  expect(held(machine)).toEqual([]);
});

withMachine(
  "a list of podman's own making masquerades: the world sees the host's address, the gateway the pod's",
  async (machine) => {
    const [plugin] = podmans.plugins;
    configure(machine, "20-ours.conflist", { ...podmans, plugins: [{ ...plugin, ipMasq: true }] });
    const one = runIn(machine, "ours");
    const table = (): string => machine.run(["nft", "list", "ruleset"]);
    expect(table()).toContain(`${one.ip} comment "podwire ours/`);
    podman(machine, `rm --force --time 0 ${one.id}`);
    expect(held(machine)).toEqual([]);
    expect(table()).toBe("");
  },
);

/** All that `podman network create` writes, on a host whose firewall drops what it does not know. */
const chain = (): JsonObject => {
  const [bridge] = podmans.plugins;
  return {
    ...podmans,
    plugins: [
      { ...bridge, ipMasq: true },
      { type: "portmap", capabilities: { portMappings: true } },
      { type: "firewall", backend: "" },
      { type: "tuning" },
    ],
  };
};

withMachine(
  "published ports lead the world to the container, which reaches the world; none is left",
  async (machine) => {
    using outside = addOutside(machine);
    machine.ns.sh("iptables -P FORWARD DROP; iptables -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT");
    const before = machine.ns.sh("iptables -S");
    configure(machine, "20-ours.conflist", chain());
    const run = ["podman", "run", "--detach", "--network", "ours", "--name", "web", "--publish"];
    machine.run([...run, "8080:8000", "--publish", "192.0.2.1:8081:8000", imageName]);
    machine.run(["podman", "exec", "web", ...webServer("podman")]);

    for (const port of [8080, 8081]) expect(fetchPage(outside, `http://192.0.2.1:${port}/`)).toBe("podman");
    expect(fetchPage(machine.ns, "http://127.0.0.1:8080/")).toBe("podman");
    expect(podman(machine, "port web")).toContain("8000/tcp -> 192.0.2.1:8081");
    // Masqueraded: the world has no way back to the container's own address.
    expect(podman(machine, "exec web ping -c1 -w30 192.0.2.2")).toContain("1 packets received");
    const taken = machine.tryRun([...run.map((w) => (w === "web" ? "second" : w)), "8080:8000", imageName]);
    expect(taken.code).not.toBe(0);
    expect(taken.stderr).toMatch(/host port 8080\/tcp: leads to a port of podwire ours\/|address already in use/);
    machine.tryRun(["podman", "rm", "--force", "--time", "0", "second"]);
    // podman makes the network anew while its monitor holds the ports.
    podman(machine, "network reload web");
    expect(fetchPage(outside, "http://192.0.2.1:8080/")).toBe("podman");
    podman(machine, "rm --force --time 0 web");
    expect(fetchPage(outside, "http://192.0.2.1:8080/")).toBe("");
    expect(held(machine)).toEqual([]);
    expect(machine.ns.sh("iptables -S")).toBe(before);
  },
);
