import { expect, test } from "bun:test";
import { parseIp } from "../../base/ip.ts";
import type { Identity } from "../identity.ts";
import { persistentMac } from "../reads/persistent-mac.ts";
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

test("a copy is one finding, with all it shares in the order of mending, and the third node is left out", () => {
  const [found, ...more] = run(machine(1), machine(2), { ...machine(1), addresses: [parseIp("192.0.2.9")] });
  expect(more).toEqual([]);
  expect(found!.subject).toBe("n1, n3");
  const order = ["MAC address", "product UUID", "machine-id", "host name", "SSH host key", "cloud-init instance-id"];
  const places = order.map((what) => found!.seen.indexOf(what));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(found!.want).toBe(
    "first other MAC address and product UUID from the hypervisor for n3, then the line below on n3",
  );
  // Once, and last.
  expect(found!.fix!.command.match(/reboot/g)).toEqual(["reboot"]);
  expect(found!.fix!.command).toEndWith("reboot");
});

test("nodes that share one thing, and others that share another, are two findings", () => {
  const [a, b, c] = [machine(1), machine(2), machine(3)];
  const found = run(a, { ...b, machineId: a.machineId! }, { ...c, hostname: a.hostname });
  expect(found.map(({ subject, outcome }) => [subject, outcome])).toEqual([
    ["n1, n2", "fail"],
    ["n1, n3", "fail"],
  ]);
});

test("a shared machine-id says which MAC addresses it will give to tunnels", () => {
  const id = "0123456789abcdef0123456789abcdef";
  const [found] = run({ ...machine(1), machineId: id }, { ...machine(2), machineId: id });
  expect(found!.seen).toContain(`flannel.1 ${persistentMac(id, "flannel.1")}`);
});

test("two cards of one machine with one MAC are no clones", () => {
  const own = machine(1);
  expect(run({ ...own, macs: [...own.macs, { link: "eth1", mac: own.macs[0]!.mac }] }, machine(2))[0]!.outcome).toBe(
    "ok",
  );
});
