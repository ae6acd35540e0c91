import { expect, test } from "bun:test";
import { type TwoNodes, withTwoNodes } from "../../verify/testing/two-nodes.ts";
import type { Report } from "../../verify/types.ts";
import { listeningIo, runCli } from "../cli/testing/run-cli.ts";

const podwire = (...argv: string[]) => runCli(argv);
const pods = ({ ns }: TwoNodes): string[] => ["--netns", `${ns.p1.name}@n1`, "--netns", `${ns.p3.path}@n2`];

test("verify exits with 0 when all is well, and its addresses are the kernel's", () =>
  withTwoNodes(async (net) => {
    const { exit, out, err } = await podwire(
      "verify",
      ...pods(net),
      "--node-netns",
      `${net.ns.n1.name}=192.168.7.1`,
      "-o",
      "json",
    );
    expect([exit, err]).toEqual([0, ""]);
    const report = JSON.parse(out) as Report;
    expect(report.endpoints.map((e) => [e.node, ...e.ips])).toEqual([
      ["n1", "10.7.1.2", "fd07:1::2"],
      ["n2", "10.7.2.2", "fd07:2::2"],
      [net.ns.n1.name, "192.168.7.1"],
    ]);
    expect(report.findings).toEqual([]);
    expect(report.summary.checked).toBeGreaterThan(20);
  }));

test("verify exits with 1 when a promise is broken, and says which, between whom and where to look", () =>
  withTwoNodes(async (net) => {
    net.ns.p1.ip("route del default via 10.7.1.1");
    const asked = ["--only", "pod-to-pod", "--protocol", "tcp", "--timeout", "300ms"];
    const { exit, out } = await podwire("verify", ...pods(net), ...asked);
    expect(exit).toBe(1);
    expect(out).toContain("(10.7.1.2) → ");
    expect(out).toContain("(10.7.2.2): ENETUNREACH");
    expect(out).toContain(
      `look: ${net.ns.p1.name} has no route there: ip netns exec ${net.ns.p1.name} ip route get 10.7.2.2`,
    );
  }));

test("what could not be checked is no tick anywhere, and not exit status 0", () =>
  withTwoNodes(async (net) => {
    net.ns.p1.ip("route del default via 10.7.1.1");
    const asked = ["--only", "no-nat", "--protocol", "tcp", "--timeout", "300ms"];
    const { exit, out } = await podwire(
      "verify",
      "--netns",
      `${net.ns.p1.name}=10.7.1.2`,
      "--netns",
      `${net.ns.p3.name}=10.7.2.2`,
      ...asked,
    );
    expect(exit).toBe(1);
    expect(out).not.toContain("✓");
    expect(out).toContain("? not checked at all: no-nat\n");
    expect(out).toContain("\n? nothing was proven among 2 pods");
  }));

test("verify exits with 2 when it cannot run, and says what it wants", async () => {
  expect(await podwire("verify")).toMatchObject({ exit: 2, out: "", err: expect.stringContaining("podwire lab up") });
  const missing = await podwire("verify", "--netns", "no-such-netns");
  expect(missing).toMatchObject({
    exit: 2,
    out: "",
    err: expect.stringContaining("does not exist\n  mend it: ip netns list"),
  });
  const wrong = await podwire("verify", "--netns", "a", "--only", "pod-to-moon");
  expect(wrong).toMatchObject({
    exit: 2,
    err: expect.stringContaining("got pod-to-moon, want unique-address, pod-to-pod"),
  });
});

test("what progress wrote on the terminal is gone before the report, also when probes ran out of time", () =>
  withTwoNodes(async (net) => {
    net.ns.n1.ip("route del 10.7.2.0/24");
    const { io, said } = listeningIo({ progress: true });
    const order: string[] = [];
    const out = (text: string): void => {
      order.push(said.err.slice(said.err.lastIndexOf("\r")), text);
    };
    await runCli(["verify", ...pods(net), "--timeout", "200ms"], { progress: true, err: io.err, out });
    expect(said.err).toContain(" probes");
    expect(order[0]).toBe("\r\u001b[K");
  }));
