import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { splitMessages } from "../kernel/codec/message.ts";
import { closeFd, joinGroup, openNetlinkSocket, receiveNetlink } from "../kernel/os/netlink-socket.ts";
import { type Kernel, openKernel } from "../net/kernel.ts";
import { podwire, read, run, stayInside, testLabs } from "./testing/labs.ts";

const json = async <T>(...argv: readonly string[]): Promise<T> => JSON.parse(await read(...argv)) as T;

interface IpAddr {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}
interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly protocol: string;
}

test("each node routes the pods of the others as a person would: ip route add SUBNET via NODE", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = await labs.lab("up", "--name", name, "--pods", "1");
  expect(up.err).toContain(`lab ${name} is up`);
  expect(up.exit).toBe(0);
  const routes = await json<IpRoute[]>("ip", "-j", "-n", `${name}-node1`, "route", "show", "proto", "112");
  expect(routes.map((r) => `${r.dst} via ${r.gateway}`)).toEqual([
    "10.244.1.0/24 via 192.168.50.2",
    "10.244.2.0/24 via 192.168.50.3",
  ]);
  const [eth0] = await json<IpAddr[]>("ip", "-j", "-n", `${name}-pod-3`, "-4", "addr", "show", "dev", "eth0");
  expect(eth0?.addr_info[0]).toMatchObject({ local: "10.244.2.2", prefixlen: 24 });
  const [lo] = await json<{ flags: string[] }[]>("ip", "-j", "-n", `${name}-pod-1`, "link", "show", "lo");
  expect(lo?.flags).toContain("UP");
  const down = await labs.lab("down", "--name", name);
  expect(down.exit).toBe(0);
  expect(await labs.remains()).toEqual([]);
});

test("up on a lab that runs changes nothing; on one that is broken it makes it anew", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const up = ["up", "--name", name, "--nodes", "2", "--pods", "1"] as const;
  await labs.lab(...up);
  const before = await read("ip", "-j", "-n", `${name}-pod-1`, "link");
  const again = await labs.lab(...up);
  expect(again.exit).toBe(0);
  expect(again.err).toContain("is running already");
  expect(await read("ip", "-j", "-n", `${name}-pod-1`, "link")).toBe(before);

  await read("ip", "-n", `${name}-node1`, "route", "del", "10.244.1.0/24");
  await read("ip", "netns", "del", `${name}-pod-2`);
  const broken = await labs.lab("status", "--name", name, "-o", "json");
  expect(broken.exit).toBe(1);
  expect((JSON.parse(broken.out) as { problems: string[] }).problems).toEqual([
    "node1: has lost the route 10.244.1.0/24 via 192.168.50.2",
    "pod-2: its network namespace is gone",
  ]);
  for (const argv of [
    ["verify", "--name", name],
    ["lab", "exec", "--name", name, "pod-2", "true"],
  ]) {
    const gone = await run([podwire, ...argv], labs.env);
    expect([gone.exit, gone.out]).toEqual([2, ""]);
    expect(gone.err).toContain(`pod-2 of lab ${name} is gone\n  mend it: podwire lab up --name ${name}\n`);
  }
  expect((await labs.lab(...up)).exit).toBe(0);
  expect((await labs.lab("status", "--name", name)).exit).toBe(0);
});

test("two labs stand side by side, and the end of one leaves the other alone", async () => {
  await using labs = testLabs();
  const [a, b] = [labs.name("a"), labs.name("b")];
  const small = ["--nodes", "1", "--pods", "1"] as const;
  await Promise.all([labs.lab("up", "--name", a, ...small), labs.lab("up", "--name", b, ...small)]);
  await labs.lab("down", "--name", a);
  expect((await labs.lab("status", "--name", b)).exit).toBe(0);
  const gone = await labs.lab("status", "--name", a);
  expect(gone.exit).toBe(2);
  expect(gone.err).toContain(`there is none of that name; did you mean ${b}?`);
});

test("a namespace of that name that podwire did not make is left alone", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  await read("ip", "netns", "add", `${name}-node1`);
  try {
    const up = await labs.lab("up", "--name", name);
    expect(up.exit).toBe(2);
    expect(up.err).toContain("no lab that podwire knows made it");
    expect((await read("ip", "netns")).split("\n").some((l) => l.startsWith(`${name}-node1`))).toBe(true);
  } finally {
    await read("ip", "netns", "del", `${name}-node1`);
  }
});

test("a command inside has the place's addresses and host name, our folder, and its own exit status", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  await labs.lab("up", "--name", name, "--nodes", "1", "--pods", "1");
  const done = await labs.lab(
    "exec",
    "--name",
    name,
    "pod-1",
    "--",
    "sh",
    "-c",
    "hostname; pwd; ls /sys/class/net; exit 42",
  );
  expect(done.exit).toBe(42);
  expect(done.out).toBe(`pod-1\n${process.cwd()}\neth0\nlo\n`);
  const env = await labs.lab("exec", "--name", name, "node1", "--", "sh", "-c", 'ls "$NETCONFPATH"; ls "$CNI_PATH"');
  expect(env.out.split("\n")).toContain("10-example-network.conf");
  expect(env.out.split("\n")).toContain("host-local");
  const missing = await labs.lab("exec", "--name", name, "pod-1", "nosuchprogram");
  expect(missing.exit).toBe(127);
  expect(missing.err).toMatch(/program nosuchprogram: is in no folder of PATH .*\n {2}mend it: install what gives/);
  // As a shell has it, also for what the kernel refuses only when it is run.
  for (const [file, text, mode] of [
    ["plain", "true\n", 0o644],
    ["broken", "#!/no/such/interpreter\n", 0o755],
  ] as const) {
    const path = join(labs.home, file);
    writeFileSync(path, text, { mode });
    const refused = await labs.lab("exec", "--name", name, "pod-1", path);
    expect([refused.exit, refused.err]).toEqual([126, expect.stringContaining(`mend it: ls -l ${path}`)]);
  }
  expect((await labs.lab("exec", "--name", name, "pod-1", "/no/such/program")).exit).toBe(127);
  const where = await labs.lab("exec", "--name", name, "pod-9", "true");
  expect(where.err).toContain("has node1, pod-1 and underlay");
});

/** Everything the kernel tells of a namespace's links, addresses, routes and rules, up to a link named `end`. */
const listen = (kernel: Kernel, path: string): { untilEnd: () => number[] } => {
  const socket = kernel.open(path).enter(() => openNetlinkSocket("route"));
  for (const group of [1, 5, 7, 8, 9, 11, 19]) joinGroup(socket, group); // RTNLGRP_* of linux/rtnetlink.h
  const untilEnd = (): number[] => {
    const types: number[] = [];
    const buffer = new Uint8Array(65536);
    for (;;)
      for (const m of splitMessages(buffer.slice(0, receiveNetlink(socket, buffer)))) {
        if (Buffer.from(m.payload).includes("end\0")) {
          closeFd(socket);
          return types;
        }
        types.push(m.type);
      }
  };
  return { untilEnd };
};

test("nothing is made in the namespace that podwire is run in, not even for a moment", async () => {
  await using labs = testLabs();
  const base = labs.name("machine");
  await read("ip", "netns", "add", base);
  using kernel = openKernel();
  try {
    const heard = listen(kernel, `/run/netns/${base}`);
    const look = (): Promise<string[]> =>
      Promise.all(
        ["link", "addr", "route show table all", "rule"].map((what) =>
          read("ip", "-j", "-n", base, ...what.split(" ")),
        ),
      );
    const before = await look();
    const name = labs.name("a");
    const flags = ["--name", name, "--family", "dual", "--underlay", "router"];
    await read(
      "nsenter",
      `--net=/run/netns/${base}`,
      "env",
      `PODWIRE_LAB_HOME=${labs.home}`,
      podwire,
      "lab",
      "up",
      ...flags,
    );
    expect((await labs.lab("status", "--name", name)).exit).toBe(0);
    await labs.lab("down", "--name", name);
    expect(await look()).toEqual(before);
    await read("ip", "-n", base, "link", "add", "end", "type", "bridge");
    expect(heard.untilEnd()).toEqual([]);
  } finally {
    kernel.forget(`/run/netns/${base}`);
    await read("ip", "netns", "del", base);
  }
});

test("down ends what still runs inside, and nothing else", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const other = labs.name("b");
  for (const lab of [name, other]) await labs.lab("up", "--name", lab, "--nodes", "1", "--pods", "1");
  const exec = (lab: string) => stayInside([podwire, "lab", "exec", "--name", lab, "pod-1"], labs.env);
  const [inside, beside] = [await exec(name), await exec(other)];
  await labs.lab("down", "--name", name);
  expect(await inside.exited).toBe(137);
  expect(beside.exitCode).toBeNull();
  beside.kill("SIGKILL");
  await beside.exited;
});

test("the dry run's lines make the same lab", async () => {
  await using labs = testLabs();
  const name = labs.name("a");
  const flags = ["--name", name, "--nodes", "2", "--pods", "1", "--underlay", "router"] as const;
  const dry = await labs.lab("up", "--dry-run", ...flags);
  expect(dry.exit).toBe(0);
  expect(await labs.remains()).toEqual([]);
  const look = async (): Promise<string[]> =>
    Promise.all(
      ["underlay", "node1", "node2", "pod-1", "pod-2"].map(async (ns) => {
        const routes = await json<IpRoute[]>("ip", "-j", "-n", `${name}-${ns}`, "route");
        const addresses = await json<IpAddr[]>("ip", "-j", "-n", `${name}-${ns}`, "-4", "addr");
        return JSON.stringify([
          routes.map((r) => [r.dst, r.gateway, r.protocol]),
          addresses.map((a) => [a.ifname.replace(/^veth.*/, "veth"), a.addr_info.map((i) => i.local)]),
        ]);
      }),
    );
  await labs.lab("up", ...flags);
  const made = await look();
  await labs.lab("down", "--name", name);
  const names = ["underlay", "node1", "node2", "pod-1", "pod-2"].map((n) => `${name}-${n}`);
  try {
    await read("sh", "-ec", dry.out);
    expect(await look()).toEqual(made);
  } finally {
    for (const ns of names) await read("ip", "netns", "del", ns);
    await read("rm", "-r", join(labs.home, name));
  }
});

test("a command without a name takes the only lab, and says what is there when that is not the one", async () => {
  await using labs = testLabs();
  const [a, b] = [labs.name("a"), labs.name("b")];
  expect((await labs.lab("up", "--name", a, "--nodes", "1", "--pods", "1")).exit).toBe(0);
  expect((await labs.lab("status")).exit).toBe(0);
  expect((await labs.lab("exec", "node1", "--", "hostname")).out).toBe("node1\n");
  expect((await labs.lab("exec", "nodez", "true")).err).toContain("did you mean node1?");
  expect((await labs.lab("graph", "-o", "mermaid")).exit).toBe(0);
  const none = await labs.lab("down", "--name", b);
  expect(none).toEqual({
    exit: 1,
    out: "",
    err: `error: no lab named ${b}: nothing was removed; did you mean ${a}?\n  mend it: podwire lab down --name ${a}\n`,
  });
  // Every command that works on a lab takes both spellings, and documents one.
  for (const option of ["--name", "--lab", "-n"]) {
    expect((await run([podwire, "verify", option, a, "--only", "unique-address"], labs.env)).exit).toBe(0);
    expect((await labs.lab("status", option, a)).exit).toBe(0);
    expect((await labs.lab("exec", option, a, "node1", "true")).exit).toBe(0);
  }
  expect((await labs.lab("down")).err).toBe(`lab ${a} is gone\n`);
  expect(await labs.lab("down")).toEqual({ exit: 0, out: "", err: "there is no lab\n" });
  expect((await labs.lab("down", "--lab", a)).err).toContain(
    `no lab named ${a}: nothing was removed; there is none at all`,
  );
});
