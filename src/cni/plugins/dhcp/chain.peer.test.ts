/** dhcp among others: with our bridge and the reference's, in this process and executed, failing at every operation. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../../base/json-types.ts";
import { connectUnix } from "../../../kernel/os/unix-socket.ts";
import { tryRun } from "../../../kernel/testing/run.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { referenceDir } from "../../testing/stage.ts";
import { builtDir, editLease, type Lan, leasedBy, withLan } from "./testing/lan.ts";
import { type Running, start } from "./testing/process.ts";

setDefaultTimeout(90_000);

const release = (ip: string): RegExp => new RegExp(`DHCPRELEASE\\(eth0\\) ${ip}`);
describe("a failing ADD", () => {
  test("leaves the host as it was and no lease with the server, whichever of bridge's operations fails", () =>
    withLan(async (s) => {
      const conf = s.conf({}, { ipMasq: true, macspoofchk: true });
      const pod = s.pod();
      const look = () => ({ host: snapshot(s.host), pod: snapshot(pod), kept: existsSync(s.leaseFile()) });
      const was = look();
      for (let n = 1; ; n++) {
        const { kernel, done } = countingKernel(s.kernel, n);
        const { exit, json } = await s.call("ADD", conf, { pod }, kernel);
        if (exit === 0) {
          expect(done.length).toBe(n - 1);
          break;
        }
        expect(String(json.msg)).toContain("as planned");
        expect({ n, op: done[n - 1], seen: look() }).toEqual({ n, op: done[n - 1], seen: was });
      }
      await s.call("DEL", conf, { pod });
      await s.dnsmasq.end("SIGTERM");
      expect(s.leases()).toEqual([]);
      const count = (word: string): number => s.dnsmasq.lines.filter((line) => line.includes(word)).length;
      expect(count("DHCPRELEASE")).toBe(count("DHCPACK"));
    }));
});

describe("CHECK notices", () => {
  const broken: Record<string, (s: Lan, conf: JsonObject) => Promise<JsonObject | undefined> | JsonObject | undefined> =
    {
      "lease of lan/pod1/eth0: the dhcp daemon holds none": async (s, conf) => {
        await s.call("DEL", { ...conf, type: "dhcp" }, { netns: "" });
        return undefined;
      },
      "no dhcp daemon listens at": async (s) => {
        await s.daemon.end();
        return undefined;
      },
      "namespace of the lease of lan/pod1/eth0: is another one": async (s) => {
        // The daemon believes its file: as if the pod's namespace had been made anew.
        await s.daemon.end();
        editLease(s.leaseFile(), (lease) => Object.assign(lease.link as object, { netnsId: "0" }));
        await s.startDaemon();
        return undefined;
      },
      "address of lan/pod1/eth0: is 10.7.0.49/24, should be": () => ({
        ips: [{ interface: 2, address: "10.7.0.49/24" }],
      }),
    };
  for (const [words, act] of Object.entries(broken))
    test(`that: ${words}`, () =>
      withLan(async (s) => {
        const conf = s.conf();
        const pod = s.pod();
        const { json } = await s.call("ADD", conf, { pod });
        expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
        const more = await act(s, conf);
        const { exit, json: error } = await s.call("CHECK", { ...conf, prevResult: { ...json, ...more } }, { pod });
        expect(exit).toBe(1);
        expect(String(error.msg)).toContain(words);
      }));
});

test("GC gives back exactly what is not in the list, and nothing of other networks; no list is refused", () =>
  withLan(async (s) => {
    const conf = s.conf();
    const ips: Record<string, string> = {};
    for (const [name, containerId] of [
      ...[["lan", "a"] as const, ["lan", "b"] as const, ["lan", "c"] as const],
      ["lan2", "a"] as const,
    ]) {
      const pod = s.pod();
      expect(await s.call("ADD", { ...conf, name }, { pod, containerId })).toMatchObject({ exit: 0 });
      ips[`${name}/${containerId}`] = leasedBy(pod);
    }
    expect(await s.call("GC", conf)).toMatchObject({ exit: 1, json: { code: 7 } });
    const valid = { "cni.dev/valid-attachments": [{ containerID: "b", ifname: "eth0" }] };
    for (const _ of [1, 2]) expect(await s.call("GC", { ...conf, ...valid })).toMatchObject({ exit: 0 });
    await s.dnsmasq.end("SIGTERM");
    const left = s.leases().map((line) => line.split(" ")[1]!);
    expect(left.sort()).toEqual([ips["lan/b"]!, ips["lan2/a"]!].sort());
    // Theirs, and the way to the server.
    expect(s.host.ipJson("link show master br0").length).toBe(3);
  }));

test("many pods at once get an address each, and when all are gone the server has all back", () =>
  withLan(async (s) => {
    const pods = Array.from({ length: 16 }, () => s.pod());
    const each = (verb: string) =>
      Promise.all(
        pods.map(async (pod, i) => {
          const plugin = Bun.spawn(["nsenter", `--net=${s.host.path}`, join(builtDir, "bridge")], {
            env: {
              ...{ CNI_COMMAND: verb, CNI_CONTAINERID: `pod${i}`, CNI_NETNS: pod.path, CNI_IFNAME: "eth0" },
              ...{ CNI_PATH: builtDir, PATH: process.env.PATH },
            },
            stdin: "pipe",
          });
          plugin.stdin.write(JSON.stringify(s.conf()));
          await plugin.stdin.end();
          return { exit: await plugin.exited, said: await new Response(plugin.stdout).text() };
        }),
      );
    const added = await each("ADD");
    expect(added.filter((a) => a.exit !== 0)).toEqual([]);
    expect(new Set(pods.map(leasedBy)).size).toBe(pods.length);
    for (const { exit, said } of await each("DEL")) expect({ exit, said }).toEqual({ exit: 0, said: "" });
    await s.dnsmasq.end("SIGTERM");
    expect(s.leases()).toEqual([]);
  }));

test("macvlan: two pods on one link of the host, each with a lease of its own, given back through their interfaces", () =>
  withLan(async (s) => {
    s.host.sh("ip link set up0 nomaster");
    const conf = s.conf({}, { type: "macvlan", master: "up0" });
    const pods = [s.pod(), s.pod()];
    for (const [i, pod] of pods.entries()) {
      const { exit, json } = await s.call("ADD", conf, { pod, containerId: `pod${i}` });
      expect({ exit, json }).toMatchObject({ exit: 0, json: { ips: [{ address: `${leasedBy(pod)}/24` }] } });
    }
    const ips = pods.map(leasedBy);
    expect(new Set(ips).size).toBe(2);
    for (const [i, pod] of pods.entries()) {
      expect(await s.call("DEL", conf, { pod, containerId: `pod${i}` })).toMatchObject({ exit: 0 });
      await s.daemon.line(new RegExp(`released ${ips[i]} to 10.7.0.1$`));
      await s.dnsmasq.line(release(ips[i]!));
    }
  }));

describe("programs apart", () => {
  /** A plugin's executable, in the host's namespace. */
  const exec = (s: Lan, file: string, verb: string, conf: JsonObject, netns: string, path = builtDir) => {
    const env = { CNI_COMMAND: verb, CNI_CONTAINERID: "pod1", CNI_NETNS: netns, CNI_IFNAME: "eth0", CNI_PATH: path };
    const argv = ["nsenter", `--net=${s.host.path}`, file];
    const { code, stdout } = tryRun(argv, { env, input: JSON.stringify(conf) });
    return { code, json: JSON.parse(stdout || "{}") as JsonObject };
  };

  test("our bridge and our dhcp, both executables", () =>
    withLan(async (s) => {
      const pod = s.pod();
      const bridge = join(builtDir, "bridge");
      const { code, json } = exec(s, bridge, "ADD", s.conf(), pod.path);
      expect({ code, ips: json.ips }).toMatchObject({ code: 0, ips: [{ address: `${leasedBy(pod)}/24` }] });
      const ip = leasedBy(pod);
      for (const verb of ["CHECK", "DEL", "DEL"])
        expect(exec(s, bridge, verb, { ...s.conf(), prevResult: json }, pod.path)).toEqual({ code: 0, json: {} });
      await s.dnsmasq.line(release(ip));
    }));

  test("our bridge executes dhcp as a foreign plugin, and before it takes the link away", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        expect(await s.call("ADD", s.conf(), { pod, path: builtDir })).toMatchObject({ exit: 0 });
        const ip = leasedBy(pod);
        expect(await s.call("DEL", s.conf(), { pod, path: builtDir })).toMatchObject({ exit: 0 });
        await s.daemon.line(new RegExp(`released ${ip} to 10.7.0.1$`));
        await s.dnsmasq.line(release(ip));
      },
      { foreign: true },
    ));

  test("the reference's bridge, which deletes the link first: released from this host", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        const bridge = join(referenceDir, "bridge");
        const conf = { ...s.conf(), cniVersion: "1.0.0" };
        expect(exec(s, bridge, "ADD", conf, pod.path)).toMatchObject({ code: 0 });
        const ip = leasedBy(pod);
        expect(exec(s, bridge, "DEL", conf, pod.path)).toMatchObject({ code: 0 });
        await s.daemon.line(new RegExp(`released ${ip} to 10.7.0.1 from this host`));
        await s.dnsmasq.line(release(ip));
      },
      { hostAddress: true },
    ));
});

describe("the reference's dhcp", () => {
  /** Its daemon, at a socket beside ours. */
  const withTheirs = async (s: Lan, act: (socket: string) => Promise<void>): Promise<void> => {
    const socket = join(s.dataDir, "theirs.sock");
    const argv = ["nsenter", `--net=${s.host.path}`, join(referenceDir, "dhcp"), "daemon", "-socketpath", socket];
    const theirs: Running = start(argv);
    try {
      // It says nothing when it is ready: it is when it takes a connection.
      let fd = connectUnix(socket);
      for (; fd < 0; fd = connectUnix(socket)) await new Promise(setImmediate);
      closeSync(fd);
      await act(socket);
    } finally {
      await theirs.end();
    }
  };

  test("gives the same result and the same network, asked for the same", () =>
    withLan(
      (s) =>
        withTheirs(s, async (socket) => {
          const request = ["1", "3", "33", "121"].map((option) => ({ option, skipDefault: true }));
          const seen = [];
          for (const daemonSocketPath of [s.socket, socket]) {
            const pod = s.pod();
            const conf = { ...s.conf({ daemonSocketPath, request }), cniVersion: "1.0.0", name: "same" };
            const call = { pod, path: referenceDir };
            const { json, exit } =
              daemonSocketPath === s.socket ? await s.call("ADD", conf, call) : s.reference("ADD", conf, call);
            const ip = leasedBy(pod);
            const text = JSON.stringify({ exit, ips: json.ips, told: json.routes, ...snapshot(pod) });
            seen.push(JSON.parse(text.replaceAll(ip, "ADDRESS").replaceAll(pod.path, "POD")));
            await s.call("DEL", conf, call);
          }
          expect(seen[0]).toEqual(seen[1]);
        }),
      { dnsmasq: ["--dhcp-option=121,192.168.0.0/16,10.7.0.9,0.0.0.0/0,10.7.0.8"] },
    ));

  test("releases as ours does when our bridge asks it, which its own bridge does too late", () =>
    withLan(
      (s) =>
        withTheirs(s, async (daemonSocketPath) => {
          const conf = { ...s.conf({ daemonSocketPath }), cniVersion: "1.0.0" };
          const pod = s.pod();
          expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
          const ip = leasedBy(pod);
          expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
          await s.dnsmasq.line(release(ip));
        }),
      { foreign: true },
    ));

  test("does not understand us, nor we it: each says so", () =>
    withLan((s) =>
      withTheirs(s, async (daemonSocketPath) => {
        const { exit, json } = await s.call("STATUS", s.conf({ daemonSocketPath }));
        expect({ exit, json }).toMatchObject({
          exit: 1,
          json: { code: 50, msg: `what answers at ${daemonSocketPath} is not podwire's dhcp daemon` },
        });
        const pod = s.pod();
        s.host.sh(`ip link add v0 type veth peer name eth0 netns ${pod.name}`);
        const theirs = s.reference("ADD", { ...s.conf(), cniVersion: "1.0.0", type: "dhcp" }, { pod });
        expect(theirs.exit).toBe(1);
        expect(await s.call("STATUS", s.conf())).toMatchObject({ exit: 0 });
      }),
    ));
});
