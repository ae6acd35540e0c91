/** portmap on a kernel: real traffic, and `nft` and `conntrack` read back what stands there. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Stage, withStage } from "../../testing/stage.ts";
import { ask, serve } from "../../testing/talk.ts";
import { type Attached, attach, base, dns, http, map, mapped, neighbour, ruleset } from "./testing/pods.ts";

setDefaultTimeout(120_000);

test("TCP and UDP of both families reach the pod, which sees who asks", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    const a = await attach(s);
    expect(await map(s, a, mapped([http, dns]))).toEqual({ exit: 0, json: a.prevResult, stderr: "" });
    using _tcp = await serve(a.pod, "tcp", 80, "web");
    using _udp = await serve(a.pod, "udp", 5353, "dns");
    expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("web 192.0.2.2");
    expect(ask(outside, "tcp", "2001:db8::1", 8080)).toBe("web 2001:db8::2");
    expect(ask(outside, "udp", "192.0.2.1", 53)).toBe("dns 192.0.2.2");
    expect(ask(outside, "udp", "2001:db8::1", 53)).toBe("dns 2001:db8::2");
    expect(ask(outside, "tcp", "192.0.2.1", 8081)).toBe("ECONNREFUSED");
    expect(await map(s, a, mapped([http, dns]), "DEL")).toMatchObject({ exit: 0 });
    expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("ECONNREFUSED");
    expect(ruleset(s.host)).toBe("");
  }));

test("localhost, the host's own addresses, the pod itself and its neighbour reach the port", () =>
  withStage(async (s) => {
    neighbour(s);
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    await map(s, a, mapped([http]));
    using _tcp = await serve(a.pod, "tcp", 80, "web");
    expect(ask(s.host, "tcp", "127.0.0.1", 8080)).toBe("web 10.1.2.1");
    expect(ask(s.host, "tcp", "192.0.2.1", 8080)).toStartWith("web ");
    for (const pod of [a.pod, b.pod]) {
      expect(ask(pod, "tcp", "192.0.2.1", 8080)).toBe("web 10.1.2.1");
      expect(ask(pod, "tcp", "2001:db8::1", 8080)).toBe("web fd00:1::1");
      // Past the mapping nothing changes.
      expect(ask(b.pod, "tcp", "10.1.2.2", 80)).toBe("web 10.1.2.3");
    }
  }));

test("what only passes through is left alone, whatever its port", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    const far = s.pod();
    s.host.sh(
      `ip link add far0 type veth peer name eth0 netns ${far.name}; ip addr add 198.51.100.1/24 dev far0; ip link set far0 up`,
    );
    far.sh("ip addr add 198.51.100.2/24 dev eth0; ip link set eth0 up; ip route add default via 198.51.100.1");
    const a = await attach(s);
    await map(s, a, mapped([http]));
    using _pod = await serve(a.pod, "tcp", 80, "web");
    using _far = await serve(far, "tcp", 8080, "far", "0.0.0.0");
    expect(ask(outside, "tcp", "198.51.100.2", 8080)).toBe("far 192.0.2.2");
  }));

test("hostIP is the only address at which the port is there, and goes before a mapping of all addresses", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    s.host.ip("addr add 192.0.2.9/24 dev up0");
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    await map(s, a, mapped([{ ...http, hostIP: "192.0.2.9" }]));
    using _a = await serve(a.pod, "tcp", 80, "a");
    using _b = await serve(b.pod, "tcp", 80, "b");
    expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("ECONNREFUSED");
    expect(ask(outside, "tcp", "192.0.2.9", 8080)).toBe("a 192.0.2.2");
    expect(await map(s, b, mapped([{ ...http, hostIP: "0.0.0.0" }]), "ADD", "pod2")).toMatchObject({ exit: 0 });
    expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("b 192.0.2.2");
    expect(ask(outside, "tcp", "192.0.2.9", 8080)).toBe("a 192.0.2.2");
    // 0.0.0.0 is every address of IPv4, and none of IPv6.
    expect(ask(outside, "tcp", "2001:db8::1", 8080)).toBe("ECONNREFUSED");
  }));

test("loopback addresses stay the host's own, though pods' links let them through", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    await map(
      s,
      a,
      mapped([
        { ...http, hostIP: "127.0.0.1" },
        { ...http, hostPort: 8081 },
        { ...http, hostPort: 8081, hostIP: "0.0.0.0" },
      ]),
    );
    using _web = await serve(a.pod, "tcp", 80, "web");
    using _own = await serve(s.host, "tcp", 9999, "own", "127.0.0.1");
    expect(s.host.sh("cat /proc/sys/net/ipv4/conf/br0/route_localnet")).toBe("1\n");
    expect(ask(s.host, "tcp", "127.0.0.1", 8080)).toBe("web 10.1.2.1");
    expect(ask(s.host, "tcp", "127.0.0.1", 9999)).toBe("own 127.0.0.1");
    for (const [ns, gateway] of [
      [b.pod, "10.1.2.1"],
      [outside, "192.0.2.1"],
    ] as const) {
      ns.sh(`ip link set lo down; ip addr flush dev lo; ip route replace 127.0.0.1/32 via ${gateway} dev eth0
        ip route del table local local 127.0.0.0/8 dev lo 2>/dev/null || true
        echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet`);
      for (const port of [8080, 9999]) expect(ask(ns, "tcp", "127.0.0.1", port, { wait: 700 })).toBe("timeout");
    }
  }));

for (const conditionsV4 of [
  ["!", "-s", "192.0.2.2/32"],
  ["ip", "saddr", "!=", "192.0.2.2"],
])
  test(`conditions in the words ${conditionsV4.join(" ")}: who does not meet them is not led`, () =>
    withStage(async (s) => {
      const outside = neighbour(s);
      outside.ip("addr add 192.0.2.3/24 dev eth0");
      const [a, b] = [await attach(s), await attach(s, "pod2")];
      using _a = await serve(a.pod, "tcp", 80, "a");
      using _b = await serve(b.pod, "tcp", 80, "b");
      const conf = mapped([http], { conditionsV4 });
      expect(await map(s, a, conf)).toMatchObject({ exit: 0 });
      expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("ECONNREFUSED");
      outside.sh("ip route replace 192.0.2.1 dev eth0 src 192.0.2.3");
      expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("a 192.0.2.3");
      expect(ask(s.host, "tcp", "127.0.0.1", 8080)).toBe("a 10.1.2.1");
      expect(await map(s, a, conf, "CHECK")).toMatchObject({ exit: 0 });
      // Another network has the port where these do not hold.
      expect(
        await map(s, b, mapped([http], { name: "net2", conditionsV4: ["-s", "192.0.2.2"] }), "ADD", "pod2"),
      ).toMatchObject({
        exit: 0,
      });
      outside.sh("ip route replace 192.0.2.1 dev eth0 src 192.0.2.2");
      expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("b 192.0.2.2");
      // DEL finds it under other conditions, too.
      expect(await map(s, a, mapped([http]), "DEL")).toMatchObject({ exit: 0 });
      expect(await s.call("GC", { ...base, name: "net2", "cni.dev/valid-attachments": [] })).toMatchObject({ exit: 0 });
      expect(ruleset(s.host)).toBe("");
    }));

test("snat false leaves every sender as it is, masqAll none", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    const a = await attach(s);
    using _tcp = await serve(a.pod, "tcp", 80, "web");
    await map(s, a, mapped([http], { snat: false }));
    expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("web 192.0.2.2");
    expect(s.host.sh("cat /proc/sys/net/ipv4/conf/br0/route_localnet")).toBe("0\n");
    await map(s, a, mapped([http], { masqAll: true, markMasqBit: 5 }));
    expect(ask(outside, "tcp", "192.0.2.1", 8080)).toBe("web 10.1.2.1");
    expect(ruleset(s.host)).toContain("meta mark set meta mark | 0x00000020");
    // Somebody else's bit stays as it is on what is not led.
    expect(ruleset(s.host)).toContain("meta mark & 0x00000020 == 0x00000020 goto lead");
    expect(await map(s, a, mapped([http], { masqAll: true }), "CHECK")).toMatchObject({ exit: 0 });
  }));

test("a port that another attachment has is refused, naming it; the newest takes over what is gone", () =>
  withStage(async (s) => {
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    await map(s, a, mapped([http]));
    const before = ruleset(s.host);
    const { exit, json } = await map(s, b, mapped([dns, http]), "ADD", "pod2");
    expect({ exit, json }).toMatchObject({
      exit: 1,
      json: { msg: "host port 8080/tcp: leads to a port of podwire net1/pod1/eth0" },
    });
    expect(String(json.details)).toContain("nft 'delete element inet podwire_portmap any4 { tcp . 8080 }'");
    expect(ruleset(s.host)).toBe(before);
    // The first pod went without a DEL of portmap: its link is no more.
    a.pod.ip("link del eth0");
    expect(await map(s, b, mapped([http]), "ADD", "pod2")).toMatchObject({ exit: 0 });
    expect(ruleset(s.host)).toContain('tcp . 8080 comment "podwire net1/pod2/eth0" : 10.1.2.3 . 80');
    // And its late DEL leaves the new owner's.
    const marks = () => [...ruleset(s.host).matchAll(/podwire net1\/\w+/g)].map(([m]) => m);
    expect(marks().length).toBe(6);
    await s.call("DEL", { ...mapped([http]), prevResult: a.prevResult }, { netns: "", containerId: "pod1" });
    expect(marks()).toEqual(Array(4).fill("podwire net1/pod2"));
  }));

test("a port that a process of the host listens on is refused, naming it", () =>
  withStage(async (s) => {
    const a = await attach(s);
    s.host.ip("link set lo up");
    using _tcp = await serve(s.host, "tcp", 8080, "host");
    using _udp = await serve(s.host, "udp", 53, "host", "127.0.0.53");
    const before = ruleset(s.host);
    for (const [mapping, words] of [
      [http, /^host port 8080\/tcp: bun \(process \d+\) listens on it at ::$/],
      [dns, /^host port 53\/udp: bun \(process \d+\) listens on it at 127\.0\.0\.53$/],
    ] as const) {
      const { exit, json } = await map(s, a, mapped([mapping]));
      expect({ exit, msg: json.msg }).toEqual({ exit: 1, msg: expect.stringMatching(words) });
    }
    expect(ruleset(s.host)).toBe(before);
    // At another address it is no one's.
    s.host.ip("addr add 192.0.2.1/32 dev lo");
    expect(await map(s, a, mapped([{ ...dns, hostIP: "192.0.2.1" }]))).toMatchObject({ exit: 0 });
  }));

test("a UDP client that keeps sending goes where the mapping leads now", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    using _a = await serve(a.pod, "udp", 5353, "a");
    using _b = await serve(b.pod, "udp", 5353, "b");
    const say = () => ask(outside, "udp", "192.0.2.1", 53, { from: 4000 });
    // A flow that was there before the mapping, and went nowhere.
    expect(say()).toMatch(/error|timeout/);
    await map(s, a, mapped([dns]));
    expect(say()).toBe("a 192.0.2.2");
    expect(s.host.sh("conntrack -L -p udp 2>/dev/null")).toContain("src=10.1.2.2");
    await map(s, a, mapped([dns]), "DEL");
    expect(s.host.sh("conntrack -L -p udp 2>/dev/null")).not.toContain("src=10.1.2.2");
    await map(s, b, mapped([dns]), "ADD", "pod2");
    expect(say()).toBe("b 192.0.2.2");
  }));

test("without mappings the result passes, and nothing is made", () =>
  withStage(async (s) => {
    const a = await attach(s);
    expect(await map(s, a, base)).toEqual({ exit: 0, json: a.prevResult, stderr: "" });
    expect(ruleset(s.host)).toBe("");
    expect(await s.call("ADD", mapped([http]), { pod: a.pod })).toMatchObject({ exit: 1, json: { code: 7 } });
    const v4 = await attach(s, "pod2", ["10.1.2.0/24"]);
    expect(await map(s, v4, mapped([{ ...http, hostIP: "2001:db8::1" }]))).toMatchObject({ exit: 1 });
    expect(await map(s, v4, mapped([{ ...http, hostIP: "::" }, dns]), "ADD", "pod2")).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("the pod has no address of IPv6, left out"),
    });
  }));

describe("DEL", () => {
  const states: Record<string, (s: Stage, a: Attached) => Promise<unknown>> = {
    "as it should be": (s, a) => map(s, a, mapped([http, dns]), "DEL"),
    "without a namespace": (s, a) => s.call("DEL", { ...mapped([http, dns]), prevResult: a.prevResult }, { netns: "" }),
    "without the mappings": (s, a) => map(s, a, base, "DEL"),
    "with other mappings": (s, a) => map(s, a, mapped([{ ...http, hostPort: 81 }]), "DEL"),
    "without a result": (s) => s.call("DEL", base, { netns: "" }),
    "after somebody took elements": (s, a) => {
      s.host.sh("nft flush map inet podwire_portmap pods4 2>/dev/null || true");
      return map(s, a, mapped([http, dns]), "DEL");
    },
    "after the link went": (s, a) => {
      a.pod.sh("ip link del eth0 2>/dev/null || true");
      return map(s, a, mapped([http, dns]), "DEL");
    },
  };
  for (const [name, del] of Object.entries(states))
    test(`${name}, twice`, () =>
      withStage(async (s) => {
        const other = await attach(s, "stays");
        await map(s, other, mapped([{ ...http, hostPort: 9090 }]), "ADD", "stays");
        const one = ruleset(s.host);
        const a = await attach(s);
        await map(s, a, mapped([http, dns]));
        expect(ruleset(s.host)).not.toBe(one);
        for (const _ of [1, 2]) expect(await del(s, a)).toMatchObject({ exit: 0, stderr: "" });
        if (name === "after somebody took elements") expect(ruleset(s.host)).not.toContain("net1/pod1");
        else expect(ruleset(s.host)).toBe(one);
        await map(s, other, mapped([{ ...http, hostPort: 9090 }]), "DEL", "stays");
        expect(ruleset(s.host)).toBe(name === "after somebody took elements" ? "" : "");
      }));
});

test("GC leaves exactly those in the list, and other networks alone", () =>
  withStage(async (s) => {
    for (const [i, id] of ["a", "b", "c"].entries()) {
      const a = await attach(s, id);
      await map(
        s,
        a,
        mapped([
          { ...http, hostPort: 8000 + i },
          { ...dns, hostPort: 54 + i },
        ]),
        "ADD",
        id,
      );
    }
    const x = await attach(s, "x");
    await map(s, x, mapped([http], { name: "net2" }), "ADD", "x");
    const all = ruleset(s.host);
    expect(await s.call("GC", base)).toMatchObject({ exit: 1 });
    expect(ruleset(s.host)).toBe(all);
    const valid = { "cni.dev/valid-attachments": [{ containerID: "b", ifname: "eth0" }] };
    expect(await s.call("GC", { ...base, ...valid })).toMatchObject({ exit: 0 });
    const left = new Set([...ruleset(s.host).matchAll(/podwire (\w+\/\w)\/eth0/g)].map((m) => m[1]));
    expect([...left].sort()).toEqual(["net1/b", "net2/x"]);
    expect(await s.call("GC", { ...base, "cni.dev/valid-attachments": [] })).toMatchObject({ exit: 0 });
    expect(await s.call("GC", { ...base, name: "net2", "cni.dev/valid-attachments": [] })).toMatchObject({ exit: 0 });
    expect(ruleset(s.host)).toBe("");
  }));

test("STATUS is content where nf_tables answers", () =>
  withStage(async (s) => expect(await s.call("STATUS", base)).toEqual({ exit: 0, json: {}, stderr: "" })));
