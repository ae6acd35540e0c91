import { expect, test } from "bun:test";
import { read, testLabs } from "../../../lab/testing/labs.ts";
import { complaints, type PeersReport } from "../../../node/peers/testing/nodes.ts";

test("the nodes of a healthy lab reach each other, and no process stays", async () => {
  await using labs = testLabs();
  const name = labs.name("peers");
  await labs.lab("up", "--name", name, "--nodes", "3", "--pods", "0");
  const { exit, out, err } = await labs.lab(
    "check",
    "--name",
    name,
    "--peers",
    "--network",
    "vxlan,calico",
    "-o",
    "json",
  );
  expect([exit, err]).toEqual([0, ""]);
  expect(complaints(out)).toEqual([]);
  const report = JSON.parse(out) as PeersReport;
  expect(report.between.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    "B1 ok",
    "B2 ok",
    "L3 ok",
    "F2 ok",
    "F9 ok",
    "T2 ok",
  ]);
  expect(report.reach.nodes).toEqual(["node1", "node2", "node3"]);
  expect(await read("ip", "netns", "pids", `${name}-node1`)).toBe("");
}, 60_000);

test("a link of the underlay that is narrower is found to the byte, and the table shows who reaches whom", async () => {
  await using labs = testLabs();
  const name = labs.name("narrow");
  await labs.lab("up", "--name", name, "--nodes", "3", "--pods", "0");
  const links = JSON.parse(await read("ip", "-n", `${name}-node3`, "-j", "link", "show", "eth0")) as {
    link_index: number;
  }[];
  const ports = JSON.parse(await read("ip", "-n", `${name}-underlay`, "-j", "link")) as {
    ifindex: number;
    ifname: string;
  }[];
  const port = ports.find((p) => p.ifindex === links[0]!.link_index)!;
  await read("ip", "-n", `${name}-underlay`, "link", "set", port.ifname, "mtu", "1400");
  const json = await labs.lab("check", "--name", name, "--peers", "-o", "json");
  expect(json.exit).toBe(1);
  // A veth has room for a VLAN's tag besides.
  const vanish =
    "bytes arrive, eth0 promises 1500: larger ones vanish and nobody says so, so that TCP hangs on its first full packet";
  expect(complaints(json.out)).toEqual([
    `L3 fail node3 -> node1: 1404 ${vanish}`,
    `L3 fail node3 -> node2: 1404 ${vanish}`,
    `L3 fail node1, node2 -> node3: 1400 ${vanish}`,
  ]);
  const table = await labs.lab("check", "--name", name, "--peers", "-o", "wide");
  expect(table.out).toMatch(/^1 node1 +✓? ?·? +✓ \d+\.\d\dms 1500 +✓ \d+\.\d\dms 1400$/m);
}, 60_000);
