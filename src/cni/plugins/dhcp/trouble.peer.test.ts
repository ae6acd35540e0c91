/** Leases that end, servers and daemons that are not there: what the pod, the server and the next call see of it. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, existsSync, readdirSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { listenUnix } from "../../../kernel/os/unix-socket.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { builtDir, editLease, isUp, type Lan, leasedBy, withLan } from "./testing/lan.ts";

setDefaultTimeout(60_000);

describe("a lease that ends", () => {
  const T1 = "--dhcp-option=option:T1,3";

  test("by the server's NAK: the link goes down, CHECK tells why, DEL forgets it", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        const { json } = await s.call("ADD", s.conf(), { pod });
        const ip = leasedBy(pod);
        await s.startDnsmasq("--dhcp-authoritative", "--dhcp-range=10.7.0.200,10.7.0.210,1h", T1);
        await s.daemon.line(new RegExp(`lost ${ip}: 10\\.7\\.0\\.1 took it back: address not available`));
        expect(isUp(pod)).toBe(false);
        const checked = await s.call("CHECK", { ...s.conf(), prevResult: json }, { pod });
        expect(checked.json).toMatchObject({ code: 108 });
        expect(String(checked.json.msg)).toContain("lease of lan/pod1/eth0: 10.7.0.1 took it back");
        // Not even by a restart is it forgotten, or believed.
        await s.startDaemon();
        expect(await s.call("DEL", { ...s.conf(), prevResult: json }, { pod })).toMatchObject({ exit: 0 });
        expect(existsSync(s.leaseFile())).toBe(false);
        expect(s.dnsmasq.lines.some((line) => line.includes("DHCPRELEASE"))).toBe(false);
      },
      { dnsmasq: [T1] },
    ));

  test("by its time, without a server: the link goes down", () =>
    withLan(async (s) => {
      const pod = s.pod();
      await s.call("ADD", s.conf(), { pod });
      const ip = leasedBy(pod);
      await s.dnsmasq.end();
      await s.daemon.end();
      editLease(s.leaseFile(), ({ grant }) => {
        const { obtainedAt } = grant as { obtainedAt: number };
        Object.assign(grant, { renewAt: obtainedAt, rebindAt: obtainedAt, expiresAt: obtainedAt + 1 });
      });
      await s.startDaemon();
      await s.daemon.line(new RegExp(`lost ${ip}: its lease ended and 10.7.0.1 did not answer; eth0 is set down`));
      expect(isUp(pod)).toBe(false);
    }));

  test("with its namespace: it is not renewed, does not keep the namespace alive, and is given back from the host", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        await s.call("ADD", s.conf(), { pod });
        const ip = leasedBy(pod);
        s.kernel.forget(pod.path);
        s.host.sh(`ip netns del ${pod.name}`);
        await s.daemon.line(new RegExp(`eth0 is gone: ${ip} is not renewed`));
        expect(await s.call("DEL", s.conf(), { netns: "" })).toMatchObject({ exit: 0 });
        await s.daemon.line(new RegExp(`released ${ip} to 10.7.0.1 from this host`));
        await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip}`));
      },
      { dnsmasq: [T1], hostAddress: true },
    ));

  test("with the boot: what an earlier one left is given back when the daemon starts", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        await s.call("ADD", s.conf(), { pod });
        const ip = leasedBy(pod);
        await s.daemon.end();
        pod.ip("link del eth0");
        editLease(s.leaseFile(), (lease) => Object.assign(lease, { bootId: "another" }));
        await s.startDaemon();
        await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip}`));
        expect(existsSync(s.leaseFile())).toBe(false);
      },
      { hostAddress: true },
    ));
});

describe("without a server", () => {
  test("ADD ends in the time that the daemon was given, says so, and leaves nothing", () =>
    withLan(
      async (s) => {
        await s.dnsmasq.end();
        const pod = s.pod();
        const [before, hostBefore] = [snapshot(pod), snapshot(s.host)];
        const { exit, json } = await s.call("ADD", s.conf(), { pod });
        expect({ exit, json }).toMatchObject({ exit: 1, json: { code: 109 } });
        expect(String(json.msg)).toMatch(
          /^no DHCP server on eth0 in \/run\/netns\/\S+: \d requests in \d s, none answered$/,
        );
        expect(json.details).toBe(`ip netns exec ${pod.name} tcpdump -ni eth0 port 67 or port 68`);
        expect([snapshot(pod), snapshot(s.host)]).toEqual([before, hostBefore]);
        expect(existsSync(join(s.dataDir, "dhcp", "lan"))).toBe(false);
      },
      { daemon: ["-timeout", "1s", "-resendmax", "100ms", "-resendtimeout", "1500ms"] },
    ));

  test("a plugin that is killed takes its request with it", () =>
    withLan(async (s) => {
      await s.dnsmasq.end();
      const pod = s.pod();
      s.host.sh(`ip link add v0 type veth peer name eth0 netns ${pod.name}; ip link set v0 up`);
      const child = Bun.spawn([join(builtDir, "dhcp")], {
        env: {
          ...{ CNI_COMMAND: "ADD", CNI_CONTAINERID: "pod1", CNI_NETNS: pod.path, CNI_IFNAME: "eth0" },
          ...{ CNI_PATH: "/opt/cni/bin", PATH: process.env.PATH },
        },
        stdin: "pipe",
      });
      child.stdin.write(JSON.stringify({ ...s.conf(), type: "dhcp" }));
      await child.stdin.end();
      await waitForUp(s, pod.name);
      child.kill("SIGKILL");
      await child.exited;
      await s.daemon.line(/lan\/pod1\/eth0: the plugin that asked for a lease is gone/);
      expect(isUp(pod)).toBe(false);
      expect(existsSync(s.leaseFile())).toBe(false);
    }));
});

/** `ip monitor` says when the daemon has set the link up. */
const waitForUp = async (s: Lan, name: string): Promise<void> => {
  const monitor = Bun.spawn(["ip", "-n", name, "-o", "monitor", "link"], { stdout: "pipe" });
  const isUpNow = () => s.host.sh(`ip -n ${name} -o link show eth0`).includes(",UP");
  const reader = monitor.stdout.getReader();
  while (!isUpNow()) await reader.read();
  monitor.kill();
  await monitor.exited;
  reader.releaseLock();
};

describe("the daemon", () => {
  test("lets root alone ask, and no second one beside it", () =>
    withLan(async (s) => {
      const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
      await s.call("ADD", s.conf(), { pod: s.pod() });
      expect([mode(s.socket), mode(join(s.dataDir, "dhcp")), mode(s.leaseFile())]).toEqual(["600", "700", "600"]);
      const second = await s.call("STATUS", s.conf());
      expect(second).toMatchObject({ exit: 0 });
      await expect(s.secondDaemon()).rejects.toThrow(/another one runs/);
    }));

  test("writes its process's id, and sees namespaces below a prefix", () =>
    withLan(async (s) => {
      const pidFile = join(s.dataDir, "pid");
      await s.startDaemon("-pidfile", pidFile, "-hostprefix", "/proc/self/root", "-broadcast");
      expect(readFileSync(pidFile, "utf8")).toBe(`${s.daemon.pid}\n`);
      const pod = s.pod();
      expect(await s.call("ADD", s.conf(), { pod })).toMatchObject({ exit: 0 });
      await s.dnsmasq.line(/broadcast response/);
      const ip = leasedBy(pod);
      expect(await s.call("DEL", s.conf(), { pod })).toMatchObject({ exit: 0 });
      await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip}`));
    }));

  test("takes a socket that systemd has opened", () =>
    withLan(async (s) => {
      await s.daemon.end();
      unlinkSync(s.socket);
      const fd = listenUnix(s.socket, 0o600, 16);
      const line = `LISTEN_FDS=1 LISTEN_PID=$$ exec ${join(builtDir, "dhcp")} daemon -socketpath ${s.socket}`;
      const daemon = Bun.spawn(["nsenter", `--net=${s.host.path}`, "sh", "-c", line], {
        stdio: ["ignore", "ignore", "ignore", fd],
      });
      closeSync(fd);
      // What is asked before it is ready waits in the socket.
      expect(await s.call("STATUS", s.conf())).toMatchObject({ exit: 0 });
      daemon.kill("SIGKILL");
      await daemon.exited;
    }));

  test("that does not run: ADD and STATUS name the command that starts it, DEL and GC give back without it", () =>
    withLan(async (s) => {
      const conf = s.conf();
      const pods = [s.pod(), s.pod(), s.pod()];
      for (const [i, pod] of pods.entries()) await s.call("ADD", conf, { pod, containerId: `c${i}` });
      const [ip0, ip1, ip2] = pods.map(leasedBy);
      await s.daemon.end();
      for (const verb of ["ADD", "STATUS"]) {
        const { exit, json } = await s.call(verb, conf, { pod: s.pod(), containerId: "new", path: "/opt/cni/bin" });
        expect({ exit, json }).toMatchObject({ exit: 1, json: { code: 50 } });
        expect(String(json.msg)).toStartWith(`no dhcp daemon listens at ${s.socket}: `);
        expect(json.details).toBe(`/opt/cni/bin/dhcp daemon -socketpath ${s.socket} &`);
      }
      for (const _ of [1, 2])
        expect(await s.call("DEL", conf, { pod: pods[0], containerId: "c0" })).toMatchObject({ exit: 0 });
      await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip0}`));
      const valid = { "cni.dev/valid-attachments": [{ containerID: "c2", ifname: "eth0" }] };
      expect(await s.call("GC", { ...conf, ...valid })).toMatchObject({ exit: 0 });
      await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip1}`));
      expect(readdirSync(join(s.dataDir, "dhcp", "lan"))).toEqual(["c2:eth0.json"]);
      await s.startDaemon();
      expect(s.daemon.lines.join("\n")).toContain(`lan/c2/eth0: goes on with ${ip2}`);
    }));
});
