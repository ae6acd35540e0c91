import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { FaultError } from "../../../base/fault.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { indexPath } from "./store.ts";
import { caller, faultFrom, tempDir } from "./testing/caller.ts";

const small = { subnet: "10.1.0.0/29" };
const dual = { ranges: [[{ subnet: "10.1.0.0/29" }], [{ subnet: "fd00::/64" }]], routes: [{ dst: "0.0.0.0/0" }] };
const bootedAs = (id: string): Disk => ({ ...systemDisk, bootId: () => id });

test("an attachment gets one address of each set, with gateway, routes and dns", async () => {
  using dir = tempDir();
  writeFileSync(`${dir.path}/resolv.conf`, "nameserver 10.96.0.10\n");
  const net = caller({ dataDir: dir.path, ipam: { ...dual, resolvConf: `${dir.path}/resolv.conf` } });
  expect(await net.addResult("a")).toEqual({
    interfaces: [],
    ips: [
      { address: { ip: "10.1.0.2", prefix: 29 }, gateway: "10.1.0.1" },
      { address: { ip: "fd00::2", prefix: 64 }, gateway: "fd00::1" },
    ],
    routes: [{ dst: { ip: "0.0.0.0", prefix: 0 } }],
    dns: { nameservers: ["10.96.0.10"] },
  } as never);
});

test("addresses go round: one given back is not given next", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  expect(await net.add("a")).toEqual(["10.1.0.2/29"]);
  await net.del("a");
  expect(await net.add("b")).toEqual(["10.1.0.3/29"]);
});

test("two interfaces of one container are two attachments", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.add("a", "eth0");
  expect(await net.add("a", "eth1")).toEqual(["10.1.0.3/29"]);
  await net.del("a", "eth0");
  expect(readFileSync(`${net.dir}/10.1.0.3`, "utf8")).toBe("a\r\neth1");
  expect(existsSync(`${net.dir}/10.1.0.2`)).toBe(false);
});

test("a second ADD without DEL is refused, also when an address is asked for", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.add("a");
  expect(await faultFrom(net.add("a"))).toMatchObject({
    kind: "exists",
    fix: "podwire cni del net --container-id a --ifname eth0",
  });
  expect(await faultFrom(caller({ dataDir: dir.path, ipam: small, args: "IP=10.1.0.5" }).add("a"))).toMatchObject({
    kind: "exists",
  });
});

test("both addresses of a /31 are given", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: { subnet: "10.1.0.4/31" } });
  expect([await net.add("a"), await net.add("b")]).toEqual([["10.1.0.4/31"], ["10.1.0.5/31"]]);
  expect((await faultFrom(net.add("c"))).kind).toBe("range-full");
});

test("a full range says which, how many are held and what helps, and a dual-stack ADD leaves nothing behind", async () => {
  using dir = tempDir();
  const v4 = [{ subnet: "10.1.0.0/24" }];
  const v6 = [{ subnet: "fd00::/64", rangeStart: "fd00::2", rangeEnd: "fd00::3" }];
  const net = caller({ dataDir: dir.path, ipam: { ranges: [v4, v6] } });
  await net.add("a");
  await net.add("b");
  const before = readdirSync(net.dir);
  const fault = await faultFrom(net.add("c"));
  expect(fault).toMatchObject({
    kind: "range-full",
    range: "fd00::2-fd00::3",
    fix: "podwire cni gc net --keep-living",
  });
  expect(fault.why).toBe('no free address in network "net", range fd00::2-fd00::3: all 2 are held');
  expect(readdirSync(net.dir)).toEqual(before);
});

test("the one free address of a large range is found", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: { subnet: "10.1.0.0/22" } });
  mkdirSync(net.dir);
  for (let i = 2; i < 1023; i++)
    if (i !== 777) writeFileSync(`${net.dir}/10.1.${i >> 8}.${i & 255}`, `pod${i}\r\neth0`);
  expect(await net.add("a")).toEqual(["10.1.3.9/22"]);
  expect((await faultFrom(net.add("b"))).why).toContain("all 1021 are held");
});

test("a requested address is given, one per set", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: dual, top: { args: { cni: { ips: ["fd00::77", "10.1.0.5"] } } } });
  expect(await net.add("a")).toEqual(["10.1.0.5/29", "fd00::77/64"]);
  expect(await faultFrom(net.add("b"))).toMatchObject({ kind: "ip-taken", ip: "10.1.0.5", by: "a eth0" });
});

test.each([
  ["outside every range", "10.9.9.9"],
  ["the gateway", "10.1.0.1"],
])("a requested address that is %s is refused before anything is reserved", async (_, ip) => {
  using dir = tempDir();
  const net = caller({
    dataDir: dir.path,
    ipam: { ...small, gateway: "10.1.0.1" },
    top: { runtimeConfig: { ips: [ip] } },
  });
  expect(await faultFrom(net.add("a"))).toMatchObject({ kind: "ip-taken", ip });
  expect(readdirSync(net.dir)).toEqual(["lock"]);
});

test("DEL succeeds twice, without a directory, and without a reservation", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.del("a");
  expect(existsSync(net.dir)).toBe(false);
  await net.add("a");
  await net.del("a");
  await net.del("a");
  expect(readdirSync(net.dir).sort()).toEqual(["last_reserved_ip.0", "lock"]);
});

test("DEL releases what an early reference wrote, blanks around it and all", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  mkdirSync(net.dir);
  writeFileSync(`${net.dir}/10.1.0.4`, "  old\n");
  expect((await faultFrom(net.add("old"))).kind).toBe("exists");
  await net.del("old", "eth0");
  expect(existsSync(`${net.dir}/10.1.0.4`)).toBe(false);
});

test("a change made without the index is noticed, even inside one tick of the clock", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  for (let i = 0; i < 50; i++) {
    await net.add("ours");
    writeFileSync(`${net.dir}/10.9.0.6`, `theirs${i}\r\neth0`);
    await net.del(`theirs${i}`);
    expect(existsSync(`${net.dir}/10.9.0.6`)).toBe(false);
    await net.del("ours");
  }
});

test("an edited reservation is believed, not the index", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.add("a");
  writeFileSync(`${net.dir}/10.1.0.2`, "someone\r\neth0");
  await net.del("a");
  expect(readFileSync(`${net.dir}/10.1.0.2`, "utf8")).toBe("someone\r\neth0");
});

test("everything works when the index cannot be kept", async () => {
  using dir = tempDir();
  writeFileSync(`${dir.path}/.podwire`, "not a directory");
  const net = caller({ dataDir: dir.path, ipam: dual });
  await net.add("a");
  expect((await faultFrom(net.add("a"))).kind).toBe("exists");
  await net.del("a");
  expect(readdirSync(net.dir).filter((name) => /^(10|fd)/.test(name))).toEqual([]);
});

test("CHECK wants the very address of prevResult to be reserved for this attachment", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: dual });
  const result = await net.addResult("a");
  const other = await net.addResult("b");
  await net.check("a", result);
  await net.check("a");
  expect(await faultFrom(net.check("a", other))).toMatchObject({ kind: "differs", seen: "b eth0" });
  expect((await faultFrom(net.check("a", { ...result, ips: result.ips.slice(0, 1) }))).kind).toBe("not-found");
  rmSync(`${net.dir}/fd00::2`);
  expect(await faultFrom(net.check("a", result))).toMatchObject({ kind: "differs", seen: "free" });
  expect((await faultFrom(net.check("nobody"))).kind).toBe("not-found");
});

test("GC keeps what is listed and frees the rest of this network only", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  for (const id of ["a", "b", "c"]) await net.add(id);
  mkdirSync(`${dir.path}/other`);
  writeFileSync(`${dir.path}/other/10.9.0.2`, "x\r\neth0");
  writeFileSync(`${net.dir}/192.168.9.9`, "not in the ranges\r\neth0");
  writeFileSync(`${net.dir}/10.1.0.6`, "");
  await net.gc([{ containerId: "b", ifname: "eth0" }]);
  expect(readdirSync(net.dir).filter((name) => /^1/.test(name))).toEqual(["10.1.0.3"]);
  expect(existsSync(`${dir.path}/other/10.9.0.2`)).toBe(true);
  expect(await net.add("a")).toEqual(["10.1.0.5/29"]);
});

test("GC without a list is refused and frees nothing; with an empty list it frees all", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.add("a");
  expect(await faultFrom(net.gc())).toMatchObject({ kind: "bad-config", at: "cni.dev/valid-attachments" });
  expect(existsSync(`${net.dir}/10.1.0.2`)).toBe(true);
  await net.gc([]);
  expect(existsSync(`${net.dir}/10.1.0.2`)).toBe(false);
});

const snapshot = (dir: string): string[] =>
  readdirSync(dir, { recursive: true }).map((name) => `${name} ${statSync(`${dir}/${name}`).mtimeMs}`);

test("STATUS tells a full range and changes nothing", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: `${dir.path}/not/yet`, ipam: { subnet: "10.1.0.0/30" } });
  await net.status();
  expect(readdirSync(dir.path)).toEqual([]);
  await net.add("a");
  const before = snapshot(dir.path);
  expect(await faultFrom(net.status())).toMatchObject({ kind: "unavailable", fix: "podwire cni gc net --keep-living" });
  expect(snapshot(dir.path)).toEqual(before);
});

test("STATUS tells a directory that cannot be written", async () => {
  const accessSync = (() => {
    throw new FaultError({ kind: "io", op: "faccessat", path: "", errno: "EROFS" });
  }) as typeof systemDisk.files.accessSync;
  using dir = tempDir();
  const net = caller({
    dataDir: dir.path,
    ipam: small,
    disk: { ...systemDisk, files: { ...systemDisk.files, accessSync } },
  });
  expect((await faultFrom(net.status())).why).toContain("is not writable: EROFS");
});

test("after a reboot the reservations of the boot before are free, and the range never fills up", async () => {
  using dir = tempDir();
  const on = (boot: string) => caller({ dataDir: dir.path, ipam: small, disk: bootedAs(boot) });
  for (let boot = 0; boot < 20; boot++) {
    if (boot > 0) await on(`boot${boot}`).status();
    for (let pod = 0; pod < 5; pod++) await on(`boot${boot}`).add(`${boot}-${pod}`);
    expect((await faultFrom(on(`boot${boot}`).status())).kind).toBe("unavailable");
  }
});

test("a container that is started again under its old name after a reboot gets an address", async () => {
  using dir = tempDir();
  await caller({ dataDir: dir.path, ipam: small, disk: bootedAs("one") }).add("a");
  expect(await caller({ dataDir: dir.path, ipam: small, disk: bootedAs("two") }).add("a")).toEqual(["10.1.0.3/29"]);
});

test("what the reference reserved since the reboot is not taken for dead", async () => {
  using dir = tempDir();
  const before = caller({ dataDir: dir.path, ipam: small, disk: bootedAs("one") });
  await before.add("a");
  await before.add("b");
  // The reference, run first in the new boot: DEL and ADD of a, which happens to get the same address, and ADD of c.
  rmSync(`${before.dir}/10.1.0.2`);
  writeFileSync(`${before.dir}/10.1.0.2`, "a\r\neth0");
  utimesSync(`${before.dir}/10.1.0.2`, 1e9, 1e9);
  writeFileSync(`${before.dir}/10.1.0.5`, "c\r\neth0");
  await caller({ dataDir: dir.path, ipam: small, disk: bootedAs("two") }).add("d");
  const held = readdirSync(before.dir).filter((name) => name.startsWith("10."));
  expect(held.sort()).toEqual(["10.1.0.2", "10.1.0.4", "10.1.0.5"]);
});

test("a store without our index is taken over as it is, whatever the boot", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.add("a");
  rmSync(indexPath(dir.path, "net"));
  await caller({ dataDir: dir.path, ipam: small, disk: bootedAs("two") }).add("b");
  expect(existsSync(`${net.dir}/10.1.0.2`)).toBe(true);
});

test("a boot that cannot be told frees nothing", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small, disk: bootedAs("one") });
  await net.add("a");
  await caller({ dataDir: dir.path, ipam: small, disk: bootedAs("") }).add("b");
  await caller({ dataDir: dir.path, ipam: small, disk: bootedAs("two") }).add("c");
  expect(readdirSync(net.dir).filter((name) => name.startsWith("10."))).toHaveLength(3);
});

test("files are for their owner only, the lock is the reference's", async () => {
  using dir = tempDir();
  const net = caller({ dataDir: dir.path, ipam: small });
  await net.add("a");
  const mode = (name: string): string => (statSync(`${net.dir}/${name}`).mode & 0o777).toString(8);
  expect([mode("10.1.0.2"), mode("lock"), mode(".")]).toEqual(["600", "750", "755"]);
});
