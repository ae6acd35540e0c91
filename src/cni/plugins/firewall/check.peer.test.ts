/** firewall's CHECK when something was broken, its ADD when something fails, its DEL and GC from any state. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { withStage } from "../../testing/stage.ts";
import { attach, base, own, ownTable, ruleset, wall } from "./testing/pods.ts";

setDefaultTimeout(120_000);

const same = { ...base, ingressPolicy: "same-bridge" };
const isolated = { ...base, ingressPolicy: "isolated" };

describe("CHECK passes after ADD and notices", () => {
  const cases: [typeof same, string][] = [
    [same, "nft delete table inet podwire_firewall"],
    [same, "nft flush chain inet podwire_firewall forward"],
    [same, "nft flush chain inet podwire_firewall forward_after"],
    [same, "nft insert rule inet podwire_firewall forward accept"],
    [same, "nft flush set inet podwire_firewall pods4"],
    [same, "nft flush set inet podwire_firewall pods6"],
    [same, "nft flush set inet podwire_firewall same_bridge4"],
    [same, "nft flush set inet podwire_firewall guarded"],
    [same, "nft flush set inet podwire_firewall itself"],
    [same, "iptables -F FORWARD"],
    [same, "ip6tables -D FORWARD 1"],
    [same, "nft 'add table inet late; add chain inet late f { type filter hook forward priority 0; policy drop; }'"],
    [isolated, "nft flush set inet podwire_firewall isolated6"],
    [isolated, "nft delete table bridge podwire_firewall"],
    [isolated, "nft flush set bridge podwire_firewall isolated"],
    [isolated, "nft flush chain bridge podwire_firewall forward"],
    [isolated, 'nft add element inet podwire_firewall itself \'{ "br0" . "br1" }\''],
  ];
  for (const [conf, line] of cases)
    test(line, () =>
      withStage(async (s) => {
        s.host.sh("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");
        const a = await attach(s);
        expect(await wall(s, a, conf)).toMatchObject({ exit: 0 });
        expect(await wall(s, a, conf, "CHECK")).toMatchObject({ exit: 0 });
        s.host.sh(line);
        const { exit, json } = await wall(s, a, conf, "CHECK");
        expect({ exit, msg: String(json.msg) }).toMatchObject({
          exit: 1,
          msg: expect.stringMatching(/podwire_firewall|element|guard|not open for pods/),
        });
        // A new ADD mends it.
        expect(await wall(s, a, conf)).toMatchObject({ exit: 0 });
        expect(await wall(s, a, conf, "CHECK")).toMatchObject({ exit: 0, stderr: "" });
      }),
    );
});

for (const conf of [base, isolated])
  test(`an ADD with ${"ingressPolicy" in conf ? conf.ingressPolicy : "no policy"} whose n-th operation fails leaves everything as it was`, () =>
    withStage(async (s) => {
      s.host.sh("iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");
      const a = await attach(s);
      const was = ruleset(s.host);
      for (let n = 1; ; n++) {
        const { kernel, done } = countingKernel(s.kernel, n);
        const { exit, json } = await s.call("ADD", { ...conf, prevResult: a.prevResult }, { pod: a.pod }, kernel);
        if (exit === 0) {
          expect(done.length).toBe(n - 1);
          break;
        }
        expect(String(json.msg)).toMatch(/as planned|nf_tables/);
        expect({ n, op: done[n - 1], seen: ruleset(s.host) }).toEqual({ n, op: done[n - 1], seen: was });
      }
    }));

describe("DEL", () => {
  for (const conf of [base, same, isolated])
    for (const [name, prev] of [
      ["without a namespace", true],
      ["without a result", false],
    ] as const)
      test(`of ${"ingressPolicy" in conf ? conf.ingressPolicy : "open"} ${name}, twice`, () =>
        withStage(async (s) => {
          s.host.sh("iptables -P FORWARD DROP");
          const before = ruleset(s.host);
          const a = await attach(s);
          await wall(s, a, conf);
          for (const _ of [1, 2])
            expect(
              await s.call("DEL", { ...conf, ...(prev && { prevResult: a.prevResult }) }, { netns: "" }),
            ).toMatchObject({ exit: 0, stderr: "" });
          expect(ruleset(s.host)).toBe(before);
        }));

  test("of one pod leaves an address to the pod that has it now", () =>
    withStage(async (s) => {
      const a = await attach(s);
      await wall(s, a);
      await wall(s, { ...a, containerId: "new" });
      await wall(s, a, base, "DEL");
      expect(ruleset(s.host)).toContain('10.1.2.2 comment "podwire net1/new/eth0"');
    }));
});

test("what a DEL that was killed has left goes with the next DEL, and with GC", () =>
  withStage(async (s) => {
    s.host.sh("iptables -P FORWARD DROP");
    const before = ruleset(s.host);
    const a = await attach(s);
    for (const conf of [base, same])
      for (const next of ["DEL", "GC"]) {
        await wall(s, a, conf);
        for (const set of ["pods4", "pods6", "same_bridge4", "same_bridge6"])
          s.host.sh(`nft flush set inet podwire_firewall ${set}`);
        const extra = next === "GC" ? { "cni.dev/valid-attachments": [] } : {};
        expect(await wall(s, a, { ...conf, ...extra }, next)).toMatchObject({ exit: 0, stderr: "" });
        expect(ruleset(s.host)).toBe(before);
      }
  }));

test("a table that its owner keeps for itself: ADD goes on and says so, CHECK reports it, DEL works", () =>
  withStage(async (s) => {
    s.host.sh("iptables -P FORWARD DROP");
    const before = s.host.sh("iptables -S");
    await using _owner = await ownTable(s.host);
    const a = await attach(s);
    const { exit, stderr } = await wall(s, a);
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: expect.stringMatching(
        /^chain forward of table inet locked .* lets nobody change it; .*nft 'insert rule inet/,
      ),
    });
    expect(s.host.sh("iptables -S FORWARD")).toContain("podwire pods");
    const checked = await wall(s, a, base, "CHECK");
    expect({ exit: checked.exit, msg: checked.json.msg }).toEqual({
      exit: 1,
      msg: expect.stringContaining("chain forward of table inet locked"),
    });
    expect(await wall(s, a, base, "DEL")).toMatchObject({ exit: 0, stderr: "" });
    expect(s.host.sh("iptables -S")).toBe(before);
  }));

test("GC leaves exactly those in the list, and other networks alone", () =>
  withStage(async (s) => {
    s.host.sh("iptables -P FORWARD DROP");
    const before = ruleset(s.host);
    for (const id of ["a", "b", "c"]) await wall(s, await attach(s, id), same);
    await wall(s, await attach(s, "x"), { ...isolated, name: "net2" });
    const all = ruleset(s.host);
    expect(await s.call("GC", same)).toMatchObject({ exit: 1 });
    expect(ruleset(s.host)).toBe(all);
    const valid = { "cni.dev/valid-attachments": [{ containerID: "b", ifname: "eth0" }] };
    expect(await s.call("GC", { ...same, ...valid })).toMatchObject({ exit: 0 });
    const left = new Set([...ruleset(s.host).matchAll(/podwire (\w+\/\w)\/eth0/g)].map((m) => m[1]));
    expect([...left].sort()).toEqual(["net1/b", "net2/x"]);
    for (const name of ["net1", "net2"])
      expect(await s.call("GC", { ...base, name, "cni.dev/valid-attachments": [] })).toMatchObject({ exit: 0 });
    expect(ruleset(s.host)).toBe(before);
  }));

const guardedBy = (text: string): string[] =>
  [...(text.match(/set guarded \{[^}]*elements = \{([^}]*)/)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((m) => m[1]!).sort();

test("a bridge is guarded until its last pod with a policy has gone", () =>
  withStage(async (s) => {
    const [a, b, c] = [await attach(s, "a"), await attach(s, "b"), await attach(s, "c", 1)];
    for (const [x, conf] of [
      [a, same],
      [b, isolated],
      [c, same],
    ] as const)
      await wall(s, x, conf);
    expect(guardedBy(own(s.host))).toEqual(["br0", "br1"]);
    await wall(s, a, same, "DEL");
    expect(guardedBy(own(s.host))).toEqual(["br0", "br1"]);
    await wall(s, c, same, "DEL");
    expect(guardedBy(own(s.host))).toEqual(["br0"]);
    // Another policy than at ADD.
    await wall(s, b, base, "DEL");
    expect(own(s.host)).toBe("");
  }));

test("who comes while the last one goes is guarded", () =>
  withStage(async (s) => {
    const a = await attach(s);
    const other = "10.1.2.99";
    const add = (set: string, element: string): string => `add element inet podwire_firewall ${set} { ${element} }`;
    const comes = [add("same_bridge4", `${other} . "br0"`), add("guarded", '"br0"'), add("itself", '"br0" . "br0"')];
    let seen = 0;
    for (let n = 1; ; n++) {
      await wall(s, a, same);
      const meanwhile = (): void => void s.host.sh(`nft '${comes.join("; ")}' 2>/dev/null || true`);
      const { kernel, done } = countingKernel(s.kernel, n, "works", meanwhile);
      const del = { ...same, prevResult: a.prevResult };
      expect(await s.call("DEL", del, { pod: a.pod }, kernel)).toMatchObject({ exit: 0 });
      const there = own(s.host);
      if (there.includes(other)) {
        seen++;
        expect({ n, op: done[n - 1], guarded: guardedBy(there) }).toMatchObject({ guarded: ["br0"] });
        s.host.sh("nft delete table inet podwire_firewall");
      }
      if (done.length < n) break;
    }
    expect(seen).toBeGreaterThan(3);
  }));
