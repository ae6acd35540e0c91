import { expect, test } from "bun:test";
import { parseQuestion } from "../explain/question.ts";
import { corpus, wantOf } from "./corpus.ts";

const cases = corpus();

test("there are at least forty rulesets, and each says what becomes of packets", () => {
  const rulesets = new Set(cases.map((c) => `${c.file} ${c.name.replace(/ \(iptables-(nft|legacy)\)$/, "")}`));
  expect(rulesets.size).toBeGreaterThanOrEqual(40);
  for (const c of cases) expect(Object.keys(c.packets).length).toBeGreaterThan(1);
});

test("every packet is a question, and every fate one that there is", () => {
  for (const [line, want] of cases.flatMap((c) => Object.entries(c.packets))) {
    expect(parseQuestion([line]).protocol).toMatch(/tcp|udp/);
    expect(["accepted", "dropped", "rejected", "unclear"]).toContain(wantOf(want).fate);
  }
});

test("all who write rules by themselves are among them", () => {
  const loads = JSON.stringify(cases);
  for (const who of ["ufw --force enable", "firewall-cmd", "DOCKER-FORWARD", "KUBE-SERVICES", "table ip kube-proxy"])
    expect(loads).toContain(who);
});
