/** Leases of a real server, dnsmasq, through our bridge: what it says and keeps is the oracle. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { leasedBy, macOf, withLan } from "./testing/lan.ts";

setDefaultTimeout(60_000);

describe("a lease", () => {
  test("is got by ADD, held for CHECK, and given back by DEL, which finds nothing the second time", () =>
    withLan(async (s) => {
      const pod = s.pod();
      const { exit, json } = await s.call("ADD", s.conf(), { pod });
      expect({ exit, json }).toMatchObject({ exit: 0 });
      const ip = leasedBy(pod);
      expect(json.ips).toEqual([{ interface: 2, address: `${ip}/24`, gateway: "10.7.0.1" }]);
      expect(json.routes).toEqual([{ dst: "0.0.0.0/0", gw: "10.7.0.1" }]);
      expect(s.leases()).toEqual([`${macOf(pod)} ${ip} *`]);
      expect(pod.sh("ip route show default")).toContain("default via 10.7.0.1 dev eth0");

      const withResult = { ...s.conf(), prevResult: json };
      expect(await s.call("CHECK", withResult, { pod })).toMatchObject({ exit: 0 });
      const mac = macOf(pod);
      for (const _ of [1, 2]) expect(await s.call("DEL", withResult, { pod })).toMatchObject({ exit: 0, stderr: "" });
      await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip} ${mac}`));
      await s.dnsmasq.end("SIGTERM");
      expect(s.leases()).toEqual([]);
      expect(existsSync(s.leaseFile())).toBe(false);
      expect(pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname)).toEqual(["lo"]);
    }));

  test("outlives the daemon: killed and started again, it renews the same address", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        const { json } = await s.call("ADD", s.conf(), { pod });
        const ip = leasedBy(pod);
        await s.daemon.end("SIGKILL");
        const before = s.dnsmasq.lines.length;
        await s.startDaemon();
        await s.daemon.line(new RegExp(`renewed ${ip}`));
        await s.dnsmasq.line(new RegExp(`DHCPREQUEST\\(eth0\\) ${ip} ${macOf(pod)}`), before);
        await s.dnsmasq.line(new RegExp(`DHCPACK\\(eth0\\) ${ip} ${macOf(pod)}`), before);
        expect(s.dnsmasq.lines.slice(before).some((line) => line.includes("DHCPDISCOVER"))).toBe(false);
        expect(await s.call("CHECK", { ...s.conf(), prevResult: json }, { pod })).toMatchObject({ exit: 0 });
        await s.call("DEL", s.conf(), { pod });
        await s.dnsmasq.line(/DHCPRELEASE/);
      },
      { dnsmasq: ["--dhcp-option=option:T1,3"] },
    ));

  test("is renewed under the MAC that the link has by then", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        const { json } = await s.call("ADD", s.conf(), { pod });
        const ip = leasedBy(pod);
        const mac = "02:00:00:00:aa:01";
        pod.sh(`ip link set eth0 address ${mac}`);
        await s.daemon.line(new RegExp(`renewed ${ip}`));
        await s.dnsmasq.line(new RegExp(`DHCPACK\\(eth0\\) ${ip} ${mac}`));
        expect(s.daemon.lines.join("\n")).not.toContain("gone");
        expect(await s.call("DEL", { ...s.conf(), prevResult: json }, { pod })).toMatchObject({ exit: 0 });
        await s.dnsmasq.line(new RegExp(`DHCPRELEASE\\(eth0\\) ${ip} ${mac}`));
      },
      { dnsmasq: ["--dhcp-option=option:T1,3"] },
    ));

  test("is the same for a second ADD of the pod that has it, and a new one for a new pod of that name", () =>
    withLan(async (s) => {
      const conf = s.conf();
      const pod = s.pod();
      await s.call("ADD", conf, { pod });
      const ip = leasedBy(pod);
      const asked = { ...conf, type: "dhcp" };
      expect(await s.call("ADD", asked, { pod })).toMatchObject({ exit: 0, json: { ips: [{ address: `${ip}/24` }] } });
      const discovers = () => s.dnsmasq.lines.filter((line) => line.includes("DHCPDISCOVER")).length;
      const before = discovers();
      const other = s.pod();
      expect(await s.call("ADD", conf, { pod: other })).toMatchObject({ exit: 0 });
      // The server knows it by the same identifier.
      expect(leasedBy(other)).toBe(ip);
      await s.dnsmasq.end("SIGTERM");
      expect(discovers()).toBeGreaterThan(before);
      expect(s.leases()).toEqual([`${macOf(other)} ${ip} *`]);
    }));
});

describe("options", () => {
  const given = [
    ...["--dhcp-option=6,10.7.0.53,10.7.0.54", "--dhcp-option=15,pods.test", "--dhcp-option=119,a.test,b.a.test"],
    ...["--dhcp-option=26,1400", "--dhcp-option=121,192.168.0.0/16,10.7.0.9,10.99.0.0/16,0.0.0.0,0.0.0.0/0,10.7.0.8"],
    "--dhcp-option=33,10.9.0.1,10.7.0.7",
  ];
  test("name servers, domain and search list become the result's dns; classless routes stand instead of others", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        const { json } = await s.call("ADD", s.conf({ priority: 77, request: [{ option: "interface-mtu" }] }), { pod });
        const more = { mtu: 1400, priority: 77 };
        expect(json.routes).toEqual([
          { dst: "192.168.0.0/16", gw: "10.7.0.9", ...more },
          { dst: "10.99.0.0/16", scope: 253, ...more },
          { dst: "0.0.0.0/0", gw: "10.7.0.8", ...more },
        ]);
        expect(json.dns).toEqual({
          nameservers: ["10.7.0.53", "10.7.0.54"],
          domain: "pods.test",
          search: ["a.test", "b.a.test"],
        });
        const seen = pod.ipJson<{ dst: string; metric?: number; gateway?: string; scope: string }>("route");
        expect(seen.filter((r) => r.metric === 77).map((r) => [r.dst, r.gateway, r.scope])).toEqual([
          ["default", "10.7.0.8", "global"],
          ["10.99.0.0/16", undefined, "link"],
          ["192.168.0.0/16", "10.7.0.9", "global"],
        ]);
      },
      { dnsmasq: given },
    ));

  test("skipDefault leaves out all that is not listed; static routes go beside the default route", () =>
    withLan(
      async (s) => {
        const request = [{ skipDefault: true, option: "33" }, { option: 1 }, { option: "routers" }];
        const { json } = await s.call("ADD", s.conf({ request }), { pod: s.pod() });
        expect(json.routes).toEqual([
          { dst: "10.9.0.1/32", gw: "10.7.0.7" },
          { dst: "0.0.0.0/0", gw: "10.7.0.1" },
        ]);
        expect(json.dns).toBeUndefined();
        await s.dnsmasq.line(/requested options: 33:static-route, 1:netmask, 3:router$/);
      },
      { dnsmasq: given },
    ));

  test("are told to the server by number, by name, and from CNI_ARGS", () =>
    withLan(async (s) => {
      const provide = [
        { option: "host-name", fromArg: "K8S_POD_NAME", value: "unknown" },
        { option: "vendor-class-identifier", value: "podwire-test" },
        { option: 77, value: "gold" },
        { option: "12", fromArg: "NOT_THERE" },
      ];
      const pod = s.pod();
      await s.call("ADD", s.conf({ provide }), { pod, args: "IgnoreUnknown=1;K8S_POD_NAME=web-0" });
      await s.dnsmasq.line(/client provides name: web-0/);
      await s.dnsmasq.line(/vendor class: podwire-test/);
      await s.dnsmasq.line(/user class: gold/);
      expect(s.leases()).toEqual([`${macOf(pod)} ${leasedBy(pod)} web-0`]);
    }));

  test("a server that sends no subnet mask is no use: ADD says so, and gives the address back", () =>
    withLan(
      async (s) => {
        const pod = s.pod();
        const request = [{ skipDefault: true }];
        const { exit, json } = await s.call("ADD", s.conf({ request }), { pod });
        expect({ exit, json }).toMatchObject({ exit: 1, json: { code: 103 } });
        expect(String(json.msg)).toMatch(/^subnet mask of 10\.7\.0\.\d+: the DHCP server 10\.7\.0\.1 sent none$/);
        expect(String(json.details)).toContain("option 1");
        await s.dnsmasq.line(/DHCPRELEASE/);
        expect(existsSync(s.leaseFile())).toBe(false);
      },
      { dnsmasq: ["--dhcp-option=1"] },
    ));
});
