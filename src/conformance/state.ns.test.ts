import { expect, test } from "bun:test";
import { notPassed, play } from "./testing/play.ts";
import { goodWire, wireBreaches, wireChapter } from "./testing/wire.ts";

test("a plugin that does what its cases say passes them, state, files, traffic and all", async () => {
  await play({ wire: goodWire }, [wireChapter], (report) => {
    expect(notPassed(report)).toEqual([]);
    expect(report.summary.passed).toBe(wireChapter.cases.length);
  });
});

for (const [from, to, id, seen] of wireBreaches)
  test(`${JSON.stringify(to)} is found in ${id}`, async () => {
    expect(goodWire).toContain(from);
    const filters = [`wire/${id}`];
    const scripts = { wire: goodWire.replace(from, () => to) };
    await play(
      scripts,
      [wireChapter],
      (report) => {
        const [c] = report.cases;
        expect(c?.outcome).toBe("failed");
        const told = c?.findings.map((f) => `${f.at.replace(/^[^:]*: /, "")} ${f.seen}`) ?? [];
        expect(told.some((line) => seen.test(line)) ? [] : told).toEqual([]);
      },
      filters,
    );
  });

/** The plugin, broken so that a case fails. */
const [from, to] = wireBreaches[0]!;

test("the lines that reproduce a failure do the same by hand", async () => {
  await play(
    { wire: goodWire.replace(from, () => to) },
    [wireChapter],
    (report) => {
      const lines = report.cases[0]!.reproduce;
      expect(lines.at(0)).toBe("mkdir -p /tmp/podwire-case/bin /tmp/podwire-case/data");
      const script = lines.join("\n").replaceAll("/tmp/podwire-case", "/run/by-hand");
      const ran = Bun.spawnSync(["sh", "-e", "-c", script]);
      expect([ran.exitCode, ran.stderr.toString()]).toEqual([0, ""]);
      expect(ran.stdout.toString()).toContain('"address": "10.88.0.2/24"');
      expect(ran.stdout.toString()).toMatch(/ eth0@if\d+: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 /);
    },
    ["wire/state"],
  );
  const left = Bun.spawnSync(["sh", "-c", "ip netns list; ls -d /run/by-hand"]).stdout.toString();
  expect(left).toBe("");
});

test("a setup that fails breaks a case, a need that is not met skips it: nothing is judged, and that is not ok", async () => {
  const broken = { ...wireChapter, setup: "ip link add type nonsense" };
  const needy = { ...wireChapter, needs: ["warp-drive"] };
  await play({ wire: goodWire }, [broken], ({ cases, summary }) => {
    const reason = expect.stringContaining("the setup failed: ") as unknown as string;
    expect(cases[0]).toMatchObject({ outcome: "broken", reason });
    expect(summary).toMatchObject({ ok: false, broken: wireChapter.cases.length, skipped: 0 });
  });
  await play({ wire: goodWire }, [needy], ({ cases, summary }) => {
    const reason = "needs something that is not known here: warp-drive";
    expect(cases[0]).toMatchObject({ outcome: "skipped", reason });
    expect(summary).toMatchObject({ ok: false, broken: 0, skipped: wireChapter.cases.length });
  });
});
