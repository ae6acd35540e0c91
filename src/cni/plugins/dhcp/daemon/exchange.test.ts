/** Getting and keeping a lease, in a time of our own: every answer, every silence, every stage. */
import { describe, expect, test } from "bun:test";
import type { Ip } from "../../../../base/ip.ts";
import type { Mac } from "../../../../base/mac.ts";
import { be32 } from "../../../../kernel/codec/codec.ts";
import { type DhcpMessage, optionCode } from "../../../../kernel/codec/dhcp/message.ts";
import { readIp } from "../../../../kernel/codec/dhcp/values.ts";
import { clientIdOf, grantOf } from "../messages.ts";
import { answer, noChance, type Says, server } from "../testing/server.ts";
import { Acquisition } from "./acquire.ts";
import type { Exchange, Move, Outgoing } from "./exchange.ts";
import { defaultTiming } from "./pace.ts";
import { Renewal } from "./renew.ts";

const holder = { network: "lan", containerId: "pod1", ifname: "eth0" };
const who = {
  mac: "02:00:00:00:00:05" as Mac,
  broadcast: false,
  wants: { provide: new Map([[optionCode.clientId, clientIdOf(holder)]]), request: [1, 3] },
};
const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Lets time pass from one due moment to the next until something ends, or `until`. Gives what was sent when. */
const pass = (
  x: Exchange,
  until: number,
  answers: (m: DhcpMessage, at: number) => DhcpMessage | undefined = () => undefined,
) => {
  const sent: { at: number; type: string; to: string }[] = [];
  let end: Move["end"];
  const take = (move: Move, now: number): void => {
    end = move.end ?? end;
    if (move.send) hear(move.send, now);
  };
  const hear = ({ message, to }: Outgoing, now: number): void => {
    sent.push({ at: seconds(now), type: message.type, to: to?.ip ?? "all" });
    const back = answers(message, now);
    if (back) take(x.receive(now + 1, back, server.mac), now + 1);
  };
  let now = 0;
  while (!end && x.dueAt <= until) {
    now = Math.max(now, x.dueAt);
    take(x.wake(now), now);
  }
  return { sent, end, now };
};

const acquire = (wanted?: Ip): Acquisition => new Acquisition(who, defaultTiming, noChance(), 0, 0, wanted);

describe("getting a lease", () => {
  test("takes the first offer and the acknowledgement of that server", () => {
    const { sent, end } = pass(acquire(), 1000, (m) => answer(m, m.type === "DISCOVER" ? "OFFER" : "ACK"));
    expect(sent.map((s) => s.type)).toEqual(["DISCOVER", "REQUEST"]);
    expect(end).toMatchObject({
      is: "granted",
      grant: { address: "10.7.0.50" as Ip, server: server.ip, serverMac: server.mac, expiresAt: 120_001 },
    });
  });

  test("sends what the reference sends: type 0 and container, network and interface as its identifier", () => {
    const { send } = acquire("10.7.0.9" as Ip).wake(0);
    const text = new TextDecoder().decode(send?.message.options.get(61));
    expect(text).toBe("\0pod1/lan/eth0");
    expect([...(send?.message.options.get(55) ?? [])]).toEqual([1, 3]);
    expect(readIp(send?.message.options.get(50))).toBe("10.7.0.9" as Ip);
    const long = clientIdOf({ ...holder, containerId: "c".repeat(300) });
    expect(long.length).toBe(255);
  });

  test("asks soon again at first, then every 2 s; pauses of 4 s, 8 s, ... 62 s lie between tries of 10 s", () => {
    const { sent, end, now } = pass(acquire(), 1e9);
    expect(sent.slice(0, 7).map((s) => s.at)).toEqual([0, 0.2, 0.8, 2.8, 4.8, 6.8, 8.8]);
    const starts = sent.map((s) => s.at).filter((at, i, all) => i === 0 || at - all[i - 1]! > 4);
    expect(starts).toEqual([0, 14, 32, 58, 100, 172]);
    expect(now).toBe(208_000);
    expect(end).toEqual({ is: "silent", why: `${sent.length} requests in 208 s, none answered` });
  });

  test("chance moves each by half at the most, so that many pods do not ask at once", () => {
    for (const unit of [0, 0.999]) {
      const x = new Acquisition(who, defaultTiming, { ...noChance(), unit: () => unit }, 0);
      const { sent } = pass(x, 9000);
      const gaps = sent.map((s, i) => s.at - (sent[i - 1]?.at ?? 0)).slice(3);
      for (const gap of gaps) expect(gap).toBeCloseTo(unit === 0 ? 1 : 3, 0);
    }
  });

  test("a server that offers and then is silent is told of, and another try begins with a new number", () => {
    const numbers = new Set<number>();
    const { sent, end } = pass(acquire(), 1e9, (m) => {
      numbers.add(m.xid);
      return m.type === "DISCOVER" ? answer(m, "OFFER") : undefined;
    });
    expect(sent.filter((s) => s.type === "DISCOVER").length).toBe(6);
    expect(numbers.size).toBe(6);
    expect(end).toMatchObject({
      is: "silent",
      why: expect.stringContaining("10.7.0.1 offered 10.7.0.50 and did not confirm it"),
    });
  });

  test("a refusal begins anew after a second, and its words are told when nothing better comes", () => {
    const { sent, end } = pass(acquire("10.7.0.9" as Ip), 1e9, (m) =>
      m.type === "DISCOVER" ? answer(m, "OFFER") : answer(m, "NAK", { words: "no\nleases left" }),
    );
    expect(sent.slice(0, 4).map((s) => [s.at, s.type])).toEqual([
      [0, "DISCOVER"],
      [0, "REQUEST"],
      [1, "DISCOVER"],
      [1, "REQUEST"],
    ]);
    expect(sent.length).toBeLessThan(2 * 210);
    expect(end).toMatchObject({
      is: "silent",
      why: expect.stringContaining("10.7.0.1 refused 10.7.0.50: noleases left"),
    });
  });

  test("an offer that comes in a pause is still taken", () => {
    const x = acquire();
    let last: DhcpMessage | undefined;
    while (x.dueAt < 14_000) last = x.wake(x.dueAt).send?.message ?? last;
    const { send } = x.receive(12_000, answer(last!, "OFFER"), server.mac);
    expect(send?.message.type).toBe("REQUEST");
    expect(x.receive(12_001, answer(send!.message, "ACK"), server.mac).end?.is).toBe("granted");
  });

  const strangers: Record<string, (m: DhcpMessage) => DhcpMessage> = {
    "another number": (m) => ({ ...answer(m, "OFFER"), xid: m.xid + 1 }),
    "another card": (m) => ({ ...answer(m, "OFFER"), mac: "02:00:00:00:00:06" as Mac }),
    "no server's name": (m) => ({ ...answer(m, "OFFER"), options: new Map() }),
    "an acknowledgement that was not asked for": (m) => answer(m, "ACK"),
  };
  for (const [what, say] of Object.entries(strangers))
    test(`${what} is not listened to`, () => {
      const { sent, end } = pass(acquire(), 3000, say);
      expect({ end, types: [...new Set(sent.map((s) => s.type))] }).toEqual({ end: undefined, types: ["DISCOVER"] });
    });

  test("another server's acknowledgement is not taken for the one that was asked", () => {
    const { end } = pass(acquire(), 3000, (m) =>
      m.type === "DISCOVER" ? answer(m, "OFFER") : answer(m, "ACK", { by: "10.7.0.66" as Ip }),
    );
    expect(end).toBeUndefined();
  });
});

const grant = (says: Says = {}) => {
  const message = acquire().wake(0).send!.message;
  return grantOf(answer(message, "ACK", says), server.mac, 0)!;
};

describe("times of a lease", () => {
  const times = (says: Says) => {
    const { renewAt, rebindAt, expiresAt } = grant(says);
    return [renewAt, rebindAt, expiresAt].map((ms) => ms / 1000);
  };
  const option = (code: number, value: number) => [code, be32.write(value)] as const;

  test("are the server's, when they stand in order", () => {
    expect(times({ lease: 100, options: [option(58, 10), option(59, 20)] })).toEqual([10, 20, 100]);
    expect(times({ lease: 100, options: [option(58, 30), option(59, 20)] })).toEqual([50, 87.5, 100]);
    expect(times({ lease: 100, options: [option(58, 30), option(59, 200)] })).toEqual([50, 87.5, 100]);
  });
  test("are a half and seven eighths, when it says none; an hour is a lease without a time", () => {
    expect(times({ lease: 1000 })).toEqual([500, 875, 1000]);
    expect(times({ lease: null })).toEqual([1800, 3150, 3600]);
  });
  test("of a lease for ever never come", () => {
    expect(times({ lease: 0xffffffff })).toEqual([Infinity, Infinity, Infinity]);
  });
});

describe("keeping a lease", () => {
  const held = grant({ lease: 4000 });
  const renewal = (now = held.renewAt): Renewal => new Renewal(who, held, defaultTiming, noChance(), now);

  test("asks its server at T1 and everyone at T2, less and less far apart, and ends with the lease", () => {
    const { sent, end, now } = pass(renewal(), 1e9);
    const tries = sent.filter((s, i) => i === 0 || s.at - sent[i - 1]!.at > 3);
    const to = (who: string) => tries.filter((s) => s.to === who).map((s) => Math.round(s.at));
    // Half of what is left until T2 (3500 s), then until the end (4000 s).
    expect(to(server.ip)).toEqual([2000, 2755, 3133, 3321, 3416, 3463, 3486]);
    expect(to("all")[0]).toBeCloseTo(3500, -1);
    expect(now).toBe(4_000_000);
    expect(end).toEqual({ is: "lost", why: "its lease ended and 10.7.0.1 did not answer" });
    expect(new Set(sent.map((s) => s.type))).toEqual(new Set(["REQUEST"]));
  });

  test("listens during a try and not between tries", () => {
    const x = renewal();
    const seen: [number, boolean][] = [];
    while (x.dueAt < 2_800_000) {
      const at = x.dueAt;
      x.wake(at);
      seen.push([seconds(at), x.listening]);
    }
    expect(seen.filter(([, listening]) => !listening).map(([at]) => at)).toEqual([2010, 2765]);
  });

  test("an answer extends it from the moment of asking", () => {
    const { end } = pass(renewal(), 1e9, (m, at) => (at > 2_700_000 ? answer(m, "ACK", { lease: 60 }) : undefined));
    expect(end).toMatchObject({ is: "granted", grant: { obtainedAt: 2_755_000, expiresAt: 2_815_000 } });
  });

  test("asks under its own address, and names neither address nor server besides", () => {
    const { message, to } = renewal().wake(held.renewAt).send!;
    expect(message.ciaddr).toBe("10.7.0.50" as Ip);
    expect([message.options.has(50), message.options.has(54)]).toEqual([false, false]);
    expect(to).toEqual({ ip: server.ip, mac: server.mac });
  });

  test("a refusal ends it, and so does another address", () => {
    const refused = pass(renewal(), 1e9, (m) => answer(m, "NAK", { words: "wrong network" }));
    expect(refused.end).toEqual({ is: "lost", why: "10.7.0.1 took it back: wrong network" });
    const other = pass(renewal(), 1e9, (m) => answer(m, "ACK", { address: "10.7.0.51" as Ip }));
    expect(other.end).toEqual({ is: "lost", why: "10.7.0.1 gave 10.7.0.51 instead" });
  });

  test("before T2 no other server is listened to, from then on any", () => {
    const by = "10.7.0.66" as Ip;
    const { end, now } = pass(renewal(), 1e9, (m) => answer(m, "NAK", { by }));
    expect(end).toEqual({ is: "lost", why: "10.7.0.66 took it back" });
    expect(now).toBeGreaterThanOrEqual(held.rebindAt);
  });

  test("one that is over already is lost at once", () => {
    expect(renewal().wake(held.expiresAt).end?.is).toBe("lost");
  });
});
