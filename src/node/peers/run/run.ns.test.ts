import { expect, test } from "bun:test";
import { type Clock, systemClock } from "../../../base/clock.ts";
import { FaultError } from "../../../base/fault.ts";
import { withNetns } from "../../../kernel/testing/netns.ts";
import { openKernel } from "../../../net/kernel.ts";
import { openHost } from "../../host.ts";
import { peerChecks } from "../checks/registry.ts";
import { openChannel } from "../link/channel.ts";
import { pipePair } from "../link/pipe.ts";
import { newToken, pskOf } from "../link/token.ts";
import { factsOf } from "../talk/facts.ts";
import { localPeer, type Peer, remotePeer } from "../talk/peer.ts";
import { serve } from "../talk/serve.ts";
import { runBetweenPeers } from "./run.ts";

const psk = pskOf(newToken());

/** Two nodes on one wire: one here, one behind a channel, whose clock is `clock`. */
const withTwoPeers = (clock: Clock, act: (here: Peer, there: Peer) => Promise<void>): Promise<void> =>
  withNetns((a) =>
    withNetns(async (b) => {
      a.ip(`link add eth0 type veth peer name eth0 netns ${b.name}`);
      for (const [ns, n] of [[a, 1] as const, [b, 2] as const]) {
        ns.ip("link set lo up");
        ns.ip("link set eth0 up");
        ns.ip(`addr add 10.0.0.${n}/24 dev eth0`);
      }
      using kernel = openKernel();
      const sideOf = (path: string, name: string) => {
        const host = openHost({ ns: kernel.open(path), name });
        return { ns: host.ns, facts: () => factsOf(host, { roles: ["worker"], version: "0" }) };
      };
      const [pipe, other] = pipePair();
      const opening = openChannel(pipe, { side: "calls", psk });
      const served = serve(await openChannel(other, { side: "called", psk }), sideOf(b.path, "two"), clock);
      const there = remotePeer(await opening);
      try {
        await act(localPeer(sideOf(a.path, "one"), systemClock), there);
      } finally {
        there.close();
        await served;
      }
    }),
  );

const run = async (peers: readonly Peer[]) => {
  const joined = await Promise.all(peers.map(async (peer) => ({ peer, facts: await peer.ask("facts", {}) })));
  const found = await runBetweenPeers(joined, { networks: ["vxlan"], clock: systemClock, timeoutMs: 300 });
  const complaints = peerChecks.flatMap((check) =>
    check.run(found).flatMap((f) => (f.outcome === "ok" ? [] : [`${check.id} ${f.outcome} ${f.subject}: ${f.seen}`])),
  );
  return { found, complaints };
};

test("a clock that is an hour ahead is found in the talk, to the minute, and nothing else is wrong", () => {
  const ahead: Clock = { ...systemClock, now: () => Date.now() + 3_600_000 };
  return withTwoPeers(ahead, async (here, there) => {
    const { complaints } = await run([here, there]);
    expect(complaints).toEqual([expect.stringMatching(/^T2 fail two: (59 min 59 s|1 h 0 min) ahead of one$/)]);
  });
});

/** Dies when it is asked for that. */
const dyingAt = (peer: Peer, at: string): Peer => ({
  ...peer,
  ask: (what, body) => {
    if (what !== at) return peer.ask(what, body);
    peer.close();
    return Promise.reject(new FaultError({ kind: "no-answer", who: "answer", why: "it died" }));
  },
});

for (const at of ["clock", "open", "try", "arrived", "paths", "end"])
  test(`a node that dies when it is asked to ${at} ends nothing but its own part`, () =>
    withTwoPeers(systemClock, async (here, there) => {
      const { complaints } = await run([here, dyingAt(there, at)]);
      expect(complaints.filter((line) => !line.includes(" unknown "))).toEqual(["B2 fail two: no answer: it died"]);
    }));

test("what is not in the table of ports is refused, whoever asks", () =>
  withTwoPeers(systemClock, async (_, there) => {
    const spot = { id: 1, protocol: "tcp", ip: "10.0.0.2" as never } as const;
    const key = "0".repeat(64);
    const said = (asking: Promise<unknown>): Promise<string> =>
      asking.then(
        () => "done",
        (e) => String(e.message),
      );
    const onlyTable = "only ports of the table of ports";
    expect(await said(there.ask("open", { key, doors: [{ ...spot, port: 22 }] }))).toContain(onlyTable);
    expect(await said(there.ask("open", { key: "short", doors: [] }))).toContain("Invalid format");
    const tries = [{ ...spot, port: 25, proof: false }];
    expect(await said(there.ask("try", { timeoutMs: 100, tries }))).toContain(onlyTable);
    const group = [{ ...spot, ip: "224.0.0.1" as never, port: 6443, proof: true }];
    expect(await said(there.ask("try", { timeoutMs: 100, tries: group }))).toContain("addresses of one node each");
    expect(await said(there.ask("try", { timeoutMs: 60_000, tries: [] }))).toContain("Invalid value");
    expect(await said(there.ask("exec" as never, {} as never))).toContain("Invalid type");
    expect(await said(there.ask("try", { timeoutMs: 100, tries: [] }))).toContain("nothing is open yet");
  }));
