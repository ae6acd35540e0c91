import { expect, test } from "bun:test";
import { labEndpoints } from "./endpoints.ts";
import { podwire, type TestLabs, testLabs } from "./testing/labs.ts";

/** Tells each caller which address it came from. */
const server = `Bun.listen({ hostname: "::", port: 7000, socket: { open(s) { s.end(s.remoteAddress + "\\n"); }, data() {} } }); console.log("ready");`;
/** Asks each address in its arguments, and prints what was answered. */
const client = `for (const ip of process.argv.slice(1)) {
  const { promise, resolve, reject } = Promise.withResolvers();
  await Bun.connect({ hostname: ip, port: 7000, socket: {
    data(s, d) { console.log(ip, d.toString().trim().replace("::ffff:", "")); }, close: resolve, connectError: (_, e) => reject(e) } });
  await promise;
}`;

const inside = (labs: TestLabs, name: string, where: string, code: string, ...args: readonly string[]) =>
  Bun.spawn([podwire, "lab", "exec", "--name", name, where, "--", process.execPath, "-e", code, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    env: { ...(process.env as Record<string, string>), ...labs.env },
  });

/** Everybody asks everybody: what each was seen as. */
const everybody = async (labs: TestLabs, name: string): Promise<{ wrong: string[]; asked: number }> => {
  const ends = labEndpoints(name, labs.home);
  const servers = ends.map((e) => inside(labs, name, e.name, server));
  for (const s of servers) await s.stdout.getReader().read();
  const wrong: string[] = [];
  let asked = 0;
  try {
    for (const from of ends) {
      const others = ends.filter((e) => e !== from).flatMap((e) => e.ips);
      const out = await new Response(inside(labs, name, from.name, client, ...others).stdout).text();
      const answers = new Map(
        out
          .trimEnd()
          .split("\n")
          .map((l) => l.split(" ") as [string, string]),
      );
      for (const ip of others) {
        asked++;
        const seen = answers.get(ip);
        // A node speaks to its own pods from its bridge's address.
        const own = from.kind === "node" ? /^(10\.244\.\d+\.1|fd00:10:244:(\d+:)?:1)$/ : /^$/;
        if (seen === undefined || !(from.ips.some((i) => i === seen) || own.test(seen)))
          wrong.push(`${from.name} to ${ip}: ${seen ?? "no answer"}`);
      }
    }
  } finally {
    for (const s of servers) s.kill("SIGKILL");
    await Promise.all(servers.map((s) => s.exited));
  }
  return { wrong, asked };
};

test("with a bridge beneath, every pod and node reaches every other, without NAT", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  await labs.lab("up", "--name", name, "--nodes", "2", "--pods", "2");
  expect(await everybody(labs, name)).toEqual({ wrong: [], asked: 30 });
});

test("with a router between two subnets and both families, every pod and node reaches every other, without NAT", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  await labs.lab("up", "--name", name, "--nodes", "3", "--pods", "1", "--family", "dual", "--underlay", "router");
  expect(await everybody(labs, name)).toEqual({ wrong: [], asked: 60 });
});

test("with IPv6 alone, every pod and node reaches every other, without NAT", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  await labs.lab("up", "--name", name, "--nodes", "2", "--pods", "1", "--family", "ipv6");
  expect(await everybody(labs, name)).toEqual({ wrong: [], asked: 12 });
});
