/** The files by which a daemon is told to keep its hands off pods' links are seen, in the places where it looks itself. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { vxlanProbe } from "../../kernel/probe/vxlan.ts";
import type { Report } from "../../node/report/report.ts";
import { testLabs } from "../testing/labs.ts";

const cases = [
  {
    fault: "networkd",
    id: "R5",
    path: "/run/systemd/networkd.conf.d/5.conf",
    text: "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n",
  },
  {
    fault: "mac-policy",
    id: "R6",
    path: "/etc/systemd/network/50-pods.link",
    text: "[Match]\nOriginalName=overlay*\n[Link]\nMACAddressPolicy=none\n",
  },
  {
    fault: "network-manager",
    id: "R7",
    path: "/usr/lib/NetworkManager/conf.d/9.conf",
    text: "[keyfile]\nunmanaged-devices=interface-name:veth*;interface-name:cali*,interface-name:cni0;interface-name:flannel*\n",
  },
  { fault: "dhcpcd", id: "R8", path: "/etc/dhcpcd.conf", text: "hostname\ndenyinterfaces veth* cni*\n" },
] as const;

test("a daemon that runs is well when its files say so", async () => {
  await using labs = testLabs();
  const name = labs.name("d");
  await labs.lab("up", "--name", name, "--nodes", "1", "--pods", "0", "-q");
  const outcome = async (id: string) => {
    const report = JSON.parse((await labs.lab("check", "--name", name, "-o", "json")).out) as Report;
    return report.nodes[0]!.checks.find((c) => c.id === id)?.outcome;
  };
  for (const { fault, id, path, text } of cases) {
    if (fault === "mac-policy" && vxlanProbe.ask().is === "no") continue;
    expect(await outcome(id)).toBe("skipped");
    await labs.lab("break", fault, "--name", name, "-q");
    expect([id, await outcome(id)]).toEqual([id, "warn"]);
    const file = join(labs.home, name, "node1/root", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    expect([id, await outcome(id)]).toEqual([id, "ok"]);
  }
});

test("what was broken is gone with the lab: processes and all", async () => {
  await using labs = testLabs();
  const name = labs.name("d");
  const up = ["up", "--name", name, "--nodes", "1", "--pods", "0", "-q"] as const;
  await labs.lab(...up);
  await labs.lab("break", "dhcpcd", "--name", name, "-q");
  const refused = await labs.lab("break", "bridge-address", "--name", name);
  expect([refused.exit, refused.err]).toEqual([
    2,
    "error: node1 has no pods, and so no bridge cni0\n  mend it: podwire lab up --pods 1\n",
  ]);
  // A lab that was broken is not as it should be: up makes it anew.
  await labs.lab(...up);
  expect((await labs.lab("heal", "--name", name)).err).toBe("nothing to heal\n");
  await labs.lab("break", "hostname", "--name", name, "-q");
  const misspelt = await labs.lab("break", "hostnam", "--name", name);
  expect([misspelt.exit, misspelt.err.includes("did you mean hostname?")]).toEqual([2, true]);
  const dry = await labs.lab("break", "forwarding", "--name", name, "--dry-run");
  expect(dry.out).toBe(`ip netns exec ${name}-node1 sysctl -w net.ipv4.ip_forward=0\n`);
  await labs.lab("down", "--name", name);
  expect(await labs.remains()).toEqual([]);
});
