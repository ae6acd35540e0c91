/** firewall on a kernel: chains of others as `iptables`, Docker, firewalld and ufw make them, and real packets. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { withStage } from "../../testing/stage.ts";
import { serve } from "../../testing/talk.ts";
import {
  type Attached,
  addressesOf,
  attach,
  base,
  neighbour,
  own,
  reaches,
  ruleset,
  started,
  wall,
} from "./testing/pods.ts";

setDefaultTimeout(120_000);

const outside4 = "192.0.2.2";
const outside6 = "2001:db8::2";

/** What drops forwarded packets, in the words of those who make it. */
const hosts: Record<string, string> = {
  "iptables with FORWARD DROP": "iptables -P FORWARD DROP; ip6tables -P FORWARD DROP",
  "Docker's FORWARD": `iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER
    iptables -A DOCKER-USER -j RETURN; iptables -N DOCKER; iptables -A FORWARD -o docker0 -j DOCKER
    iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT; ip6tables -P FORWARD DROP`,
  "rules of one's own that reject the rest": `iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
    iptables -A FORWARD -p tcp --dport 22 -j ACCEPT; iptables -A FORWARD -j REJECT; ip6tables -A FORWARD -j REJECT`,
  "firewalld's chains": `nft 'table inet firewalld {
    chain filter_FORWARD_POLICIES { ; }
    chain filter_FORWARD { type filter hook forward priority filter + 10; policy accept;
      ct state { established, related } accept
      ct status dnat accept
      iifname "lo" accept
      ct state invalid drop
      jump filter_FORWARD_POLICIES
      reject with icmpx admin-prohibited; }; }'`,
  "ufw's chains": `iptables -P FORWARD DROP; iptables -N ufw-before-forward; iptables -A FORWARD -j ufw-before-forward
    iptables -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    ip6tables -P FORWARD DROP`,
  "a table of one's own with a jump to what drops": `nft 'table inet mine { chain rest { counter drop; };
    chain forward { type filter hook forward priority 0; policy accept; jump rest; }; }'`,
};

/** What others' tools say of their own rules. */
const theirs = (ns: TestNetns): string =>
  ns
    .sh(
      "iptables -S; ip6tables -S; nft list table inet firewalld 2>/dev/null || true; nft list table inet mine 2>/dev/null || true",
    )
    .replace(/packets \d+ bytes \d+/g, "");

for (const [name, script] of Object.entries(hosts))
  test(`${name}: a pod's packets pass both ways, others' do not, and DEL leaves it as it was`, () =>
    withStage(async (s) => {
      const outside = neighbour(s);
      using _web = await serve(outside, "tcp", 80, "web");
      s.host.sh(script);
      const before = theirs(s.host);
      const [a, b] = [await attach(s), await attach(s, "pod2")];
      expect(reaches(a.pod, outside4, false)).toBe(false);
      expect(await wall(s, a)).toEqual({ exit: 0, json: a.prevResult, stderr: "" });
      for (const address of [outside4, outside6]) expect(reaches(a.pod, address, true)).toBe(true);
      // The other pod has no firewall plugin: nothing passes for it.
      expect(reaches(b.pod, outside4, false)).toBe(false);
      // Answers pass; who asks first has to be let in by somebody else.
      using _pod = await serve(a.pod, "tcp", 80, "web");
      expect(reaches(outside, addressesOf(a)[0]!, false)).toBe(false);
      expect(await wall(s, a, base, "CHECK")).toMatchObject({ exit: 0 });
      expect(s.host.sh("iptables -S 2>&1; ip6tables -S 2>&1")).not.toContain("incompatible");
      expect(await wall(s, b)).toMatchObject({ exit: 0 });
      expect(reaches(b.pod, outside4, true)).toBe(true);
      for (const x of [a, b]) for (const _ of [1, 2]) expect(await wall(s, x, base, "DEL")).toMatchObject({ exit: 0 });
      expect(theirs(s.host)).toBe(before);
      expect(own(s.host)).toBe("");
    }));

test("iptables shows the rule as one of its own", () =>
  withStage(async (s) => {
    s.host.sh(
      "iptables -P FORWARD DROP; iptables -A FORWARD -j LOG; iptables -N CNI-ADMIN; iptables -A CNI-ADMIN -d 192.0.2.9 -j DROP",
    );
    const a = await attach(s);
    await wall(s, a);
    const rules = s.host.sh("iptables -S FORWARD").trim().split("\n");
    const marked = '-A FORWARD -m mark --mark 0x1000/0x1000 -m comment --comment "podwire pods"';
    expect(rules).toEqual(["-P FORWARD DROP", `${marked} -j CNI-ADMIN`, `${marked} -j ACCEPT`, "-A FORWARD -j LOG"]);
  }));

test("the admin's chain is asked before the pod's packets pass", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    outside.ip("addr add 192.0.2.3/24 dev eth0");
    using _web = await serve(outside, "tcp", 80, "web");
    s.host.sh("iptables -P FORWARD DROP; iptables -N MINE; iptables -A MINE -d 192.0.2.2 -j DROP");
    const a = await attach(s);
    await wall(s, a, { ...base, iptablesAdminChainName: "MINE" });
    expect(reaches(a.pod, "192.0.2.3", true)).toBe(true);
    expect(reaches(a.pod, outside4, false)).toBe(false);
  }));

test("a chain of one's own that lets everything pass is left alone", () =>
  withStage(async (s) => {
    s.host.sh(`nft 'table inet mine { chain forward { type filter hook forward priority 0; tcp dport 25 drop; }; }'
      iptables -A INPUT -j DROP`);
    const before = theirs(s.host);
    const a = await attach(s);
    await wall(s, a);
    expect(theirs(s.host)).toBe(before);
    expect(ruleset(s.host)).toContain("podwire net1/pod1/eth0");
  }));

test("iptables' FORWARD is opened before it drops: Docker and ufw set its policy when they start", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    using _web = await serve(outside, "tcp", 80, "web");
    s.host.sh("iptables -A FORWARD -p tcp --dport 25 -j DROP");
    const before = theirs(s.host);
    const a = await attach(s);
    await wall(s, a);
    s.host.sh("iptables -P FORWARD DROP");
    expect(reaches(a.pod, outside4, true)).toBe(true);
    expect(await wall(s, a, base, "CHECK")).toMatchObject({ exit: 0 });
    s.host.sh("iptables -P FORWARD ACCEPT");
    await wall(s, a, base, "DEL");
    expect(theirs(s.host)).toBe(before);
  }));

test("pods that come and go at once, each by a process of its own: one opening, and nothing at the end", () =>
  withStage(async (s) => {
    s.host.sh("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");
    const before = ruleset(s.host);
    const pod = s.pod();
    const run = (verb: string, i: number) => {
      const prevResult = { cniVersion: "1.1.0", ips: [{ address: `10.9.0.${i}/24` }, { address: `fd09::${i}/64` }] };
      return started(s.host, verb, { ...base, prevResult }, `pod${i}`, pod);
    };
    const failed = async (all: readonly ReturnType<typeof run>[]) =>
      (await Promise.all(all)).filter((x) => x.code !== 0);
    const first = Array.from({ length: 20 }, (_, i) => i + 1);
    const second = first.map((i) => i + 20);
    const count = (words: string): number => ruleset(s.host).split(words).length - 1;
    expect(await failed(first.map((i) => run("ADD", i)))).toEqual([]);
    expect([count('comment "podwire pods"'), count('comment "podwire net1')]).toEqual([2, 40]);
    expect(await failed(first.map((i) => run("DEL", i)))).toEqual([]);
    expect(ruleset(s.host)).toBe(before);
    // The last that goes does not take the opening from the first that comes.
    expect(await failed(first.map((i) => run("ADD", i)))).toEqual([]);
    expect(await failed(first.flatMap((i) => [run("DEL", i), run("ADD", i + 20)]))).toEqual([]);
    expect([count('comment "podwire pods"'), count('comment "podwire net1')]).toEqual([2, 40]);
    expect(await failed(second.map((i) => run("DEL", i)))).toEqual([]);
    expect(ruleset(s.host)).toBe(before);
  }));

describe("ingressPolicy", () => {
  const same = { ...base, ingressPolicy: "same-bridge" };
  const isolated = { ...base, ingressPolicy: "isolated" };
  for (const [name, conf, within] of [
    ["same-bridge", same, true],
    ["isolated", isolated, false],
  ] as const)
    test(`${name}: nothing from bridges with a policy, ${within ? "but" : "nor"} from its own; the world may`, () =>
      withStage(async (s) => {
        const outside = neighbour(s);
        const [a, b] = [await attach(s, "a", 1), await attach(s, "b", 1)];
        const [c, open] = [await attach(s, "c", 2), await attach(s, "open", 3)];
        using servers = new DisposableStack();
        for (const p of [a, b, c, open]) servers.use(await serve(p.pod, "tcp", 80, "web"));
        const sees = (from: Attached, to: Attached, should: boolean): void => {
          for (const address of addressesOf(to)) expect(reaches(from.pod, address, should)).toBe(should);
        };
        sees(a, b, true);
        sees(a, c, true);
        for (const p of [a, b, c]) expect(await wall(s, p, conf)).toMatchObject({ exit: 0, stderr: "" });
        await wall(s, open);
        sees(a, b, within);
        sees(a, c, false);
        sees(c, a, false);
        sees(a, open, true);
        sees(open, a, true);
        expect(reaches(outside, addressesOf(a)[0]!, true)).toBe(true);
        for (const p of [a, b, c]) expect(await wall(s, p, conf, "CHECK")).toMatchObject({ exit: 0 });
        // The bridge is free again when its last pod with a policy has gone.
        await wall(s, a, conf, "DEL");
        sees(b, c, false);
        await wall(s, b, conf, "DEL");
        sees(a, b, true);
        sees(b, c, true);
        await wall(s, c, conf, "DEL");
        await wall(s, open, base, "DEL");
        expect(ruleset(s.host)).toBe("");
      }));

  test("of two policies on one bridge each pod has its own", () =>
    withStage(async (s) => {
      const [a, b, c] = [await attach(s, "a", 1), await attach(s, "b", 1), await attach(s, "c", 1)];
      using _b = await serve(b.pod, "tcp", 80, "web");
      using _c = await serve(c.pod, "tcp", 80, "web");
      const see = (to: Attached, should: boolean) => reaches(a.pod, addressesOf(to)[0]!, should);
      await wall(s, a, same);
      await wall(s, b, isolated);
      await wall(s, c, same);
      expect([see(b, false), see(c, true)]).toEqual([false, true]);
      await wall(s, b, isolated, "DEL");
      expect(see(b, true)).toBe(true);
      expect(ruleset(s.host)).not.toContain("table bridge");
    }));

  test("without an interface of the host there is nothing that it could be about", () =>
    withStage(async (s) => {
      const prevResult = { cniVersion: "1.1.0", ips: [{ address: "10.1.2.2/24" }] };
      const { exit, json } = await s.call("ADD", { ...same, prevResult }, { pod: s.pod() });
      expect({ exit, msg: json.msg }).toEqual({
        exit: 1,
        msg: "prevResult.interfaces: has none on the host, and ingressPolicy is about its bridge",
      });
      expect(await s.call("ADD", same, { pod: s.pod() })).toMatchObject({ exit: 1, json: { code: 7 } });
    }));
});
