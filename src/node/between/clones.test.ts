import { expect, test } from "bun:test";
import { parseIp } from "../../base/ip.ts";
import type { Identity } from "../identity.ts";
import { clonesCheck } from "./clones.ts";

const machine = (n: number): Identity => ({
  hostname: `node${n}`,
  machineId: `${n}`.repeat(32),
  productUuid: `0000000${n}-0000-4000-8000-000000000000`,
  instanceId: `i-${n}`,
  sshHostKeys: [`ssh-ed25519 SHA256:${n}`],
  macs: [{ link: "eth0", mac: `02:00:00:00:00:0${n}` }],
  addresses: [parseIp(`192.0.2.${n}`)],
});
const run = (...of: Identity[]) => clonesCheck.run(of.map((identity, i) => ({ node: `n${i + 1}`, identity })));

test("nodes that share nothing are well", () => {
  expect(run(machine(1), machine(2), machine(3))).toEqual([{ outcome: "ok", seen: "3 nodes, nothing shared" }]);
});

test("a copy is found by all it shares, in the order of mending, and the third node is left out", () => {
  const found = run(machine(1), machine(2), { ...machine(1), addresses: [parseIp("192.0.2.9")] });
  expect(found.map((f) => f.seen.replace(/^the same /, "").split(" ")[0])).toEqual([
    "MAC",
    "product",
    "machine-id",
    "host",
    "SSH",
    "cloud-init",
  ]);
  for (const f of found) expect(f.subject).toBe("n1, n3");
});

test("two cards of one machine with one MAC are no clones", () => {
  const own = machine(1);
  expect(run({ ...own, macs: [...own.macs, { link: "eth1", mac: own.macs[0]!.mac }] }, machine(2))[0]!.outcome).toBe(
    "ok",
  );
});
