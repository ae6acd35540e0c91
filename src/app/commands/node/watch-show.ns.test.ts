/** `podwire node show --watch` as a person meets it: changes made with `ip`, told line by line until Ctrl-C. */
import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type TestNetns, withNetns } from "../../../kernel/testing/netns.ts";
import { podwire, show, two } from "./testing/inside.ts";

/** Lines of `--watch` as they come, and the end of it by Ctrl-C. */
const watching = async (
  ns: TestNetns,
  words: readonly string[],
  act: (next: () => Promise<string>) => Promise<void>,
): Promise<void> => {
  const argv = [`--net=${ns.path}`, podwire, "node", "show", ...words, "--watch"];
  const child = spawn("nsenter", argv, { stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(child, "close");
  try {
    const [said] = await once(child.stderr, "data");
    expect(String(said)).toContain(`watching ${words[0]}; Ctrl-C ends`);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await act(async () => (await lines.next()).value as string);
  } finally {
    child.kill("SIGINT");
  }
  expect(await exit).toEqual([0, null]);
};

test("links --watch: a line for each change, with its time, until Ctrl-C", () =>
  withNetns((ns) =>
    watching(ns, ["links"], async (next) => {
      ns.ip("link add br7 type bridge");
      expect(await next()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} \+ \d+ {2}br7 {2}bridge {2}down \(not set up\) {2}1500/);
      ns.ip("link set br7 mtu 1400");
      expect(await next()).toMatch(/~ \d+ {2}br7 .* \(mtu was 1500\)$/);
      ns.ip("link set br7 up");
      expect(await next()).toMatch(/~ \d+ {2}br7 .* \(state was down \(not set up\)\)$/);
      ns.ip("link set br7 alias hello");
      for (let line = await next(); !line.endsWith("(ifalias was none)"); line = await next())
        expect(line).toContain("~");
      ns.ip("link del br7");
      // It is set down first.
      let line = await next();
      while (line.includes("~")) line = await next();
      expect(line).toMatch(/- \d+ {2}br7 /);
    }),
  ));

test("routes --watch -o json: JSON lines; what goes with a link without a word is told, too", () =>
  withNetns((ns) => {
    ns.sh(`${two}; ip address add 10.0.0.1/24 dev v0`);
    return watching(ns, ["routes", "-o", "json", "--family", "4"], async (next) => {
      const line = async () => {
        const { time, ...rest } = JSON.parse(await next());
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
        return rest;
      };
      ns.ip("route add 10.1.0.0/16 via 10.0.0.2");
      const row = { dst: "10.1.0.0/16", gateway: "10.0.0.2", dev: "v0", flags: [] };
      expect(await line()).toEqual({ change: "+", kind: "Routes", row });
      ns.ip("route replace 10.1.0.0/16 via 10.0.0.3");
      const other = { ...row, gateway: "10.0.0.3" };
      expect(await line()).toEqual({ change: "~", kind: "Routes", row: other, was: row });
      ns.ip("link del v0");
      const gone = [await line(), await line()];
      expect(gone.map((x) => [x.change, x.row.dst]).toSorted()).toEqual([
        ["-", "10.0.0.0/24"],
        ["-", "10.1.0.0/16"],
      ]);
    });
  }));

test("neighbours, rules, addresses --watch", () =>
  withNetns(async (ns) => {
    ns.sh(two);
    await watching(ns, ["neighbours"], async (next) => {
      ns.ip("neighbour add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent");
      expect(await next()).toMatch(/\+ 10\.0\.0\.9 {2}v0 {2}02:00:00:00:00:09 {2}PERMANENT$/);
      ns.ip("neighbour del 10.0.0.9 dev v0");
      for (let line = await next(); !line.includes(" - "); line = await next()) expect(line).toContain("~");
    });
    await watching(ns, ["rules"], async (next) => {
      ns.ip("rule add to 10.1.2.3 table 100 priority 77");
      expect(await next()).toMatch(/\+ 77 {2}IPv4 {2}all {2}10\.1\.2\.3 {2}lookup 100$/);
      ns.ip("rule del priority 77");
      expect(await next()).toMatch(/- 77 /);
    });
    await watching(ns, ["addresses", "v0", "--family", "4"], async (next) => {
      ns.ip("address add 10.9.0.1/24 dev v1");
      ns.ip("address add 10.8.0.1/24 dev v0");
      expect(await next()).toMatch(/\+ v0 {2}10\.8\.0\.1\/24 {2}global/);
      ns.ip("address del 10.8.0.1/24 dev v0");
      expect(await next()).toMatch(/- v0 {2}10\.8\.0\.1\/24/);
    });
    const refused = show(ns, "listeners", "--watch");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "error: --watch listeners: the kernel tells of no socket that begins to listen\n" +
        "  mend it: watch -n 1 podwire node show listeners\n",
    ]);
  }));
