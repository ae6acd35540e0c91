/** What a person is told when the kernel says no: the line, the errno, the kernel's own words and the attribute. */
import { expect, test } from "bun:test";
import { parseCidr } from "../base/cidr.ts";
import { type Fault, faultOf } from "../base/fault.ts";
import { parseIp } from "../base/ip.ts";
import { withNetns } from "../kernel/testing/netns.ts";
import { tryRun } from "../kernel/testing/run.ts";
import { apply } from "./apply.ts";
import { openKernel } from "./kernel.ts";
import type { Step, StepName, Steps } from "./plan/step.ts";

/** What applying one step in a bare namespace ends with. */
const faultFrom = <K extends StepName>(kind: K, values: Steps[K]): Promise<Fault> =>
  withNetns((ns) => {
    using kernel = openKernel();
    ns.ip("link set lo up");
    try {
      apply(kernel, [{ do: kind, in: ns.path, ...values } as unknown as Step]);
    } catch (error) {
      return JSON.parse(JSON.stringify(faultOf(error)).replaceAll(ns.name, "NS"));
    }
    throw new Error("the kernel allowed it");
  });

test("a link that exists: the line and EEXIST", async () => {
  expect(await faultFrom("link.add", { link: { name: "lo", info: { kind: "bridge" } } })).toEqual({
    kind: "kernel",
    op: "ip -n NS link add name lo type bridge",
    errno: "EEXIST",
  });
});

test("a gateway out of reach: the kernel's words", async () => {
  expect(await faultFrom("route.add", { route: { dst: parseCidr("10.0.0.0/8"), gw: parseIp("192.0.2.1") } })).toEqual({
    kind: "kernel",
    op: "ip -n NS route add 10.0.0.0/8 via 192.0.2.1 proto 112",
    errno: "ENETUNREACH",
    said: "Nexthop has invalid gateway",
  });
});

test("a kind that the kernel does not know", async () => {
  expect(await faultFrom("link.add", { link: { name: "x0", info: { kind: "nonsense" } } })).toEqual({
    kind: "kernel",
    op: "ip -n NS link add name x0 type nonsense",
    errno: "EOPNOTSUPP",
    said: "Unknown device type",
  });
});

test("a value out of bounds: the attribute is named, through its nesting", async () => {
  const fault = await faultFrom("link.add", {
    link: { name: "x0", info: { kind: "vxlan", data: { id: 1 << 24, port: 4789 } } },
  });
  expect(fault).toMatchObject({ kind: "kernel", errno: "ERANGE" });
  expect((fault as { said: string }).said).toContain("at linkinfo.data.id");
});

test("a link that is not there: where it was looked for, and how to see what is", async () => {
  expect(await faultFrom("link.set", { name: "eth7", set: { up: true } })).toEqual({
    kind: "not-found",
    what: "link eth7",
    why: "there is no such device in /run/netns/NS",
    fix: "ip link",
  });
});

test("names and aliases are measured in bytes before the kernel is asked", async () => {
  const named = (name: string) => faultFrom("link.add", { link: { name, info: { kind: "bridge" } } });
  for (const name of ["sixteen-letters-", "한국어한국어", "", "a/b", "a b", ".."])
    expect(await named(name)).toMatchObject({ kind: "bad-value", what: "link name" });
  expect(await faultFrom("link.set", { name: "lo", set: { alias: "x".repeat(256) } })).toMatchObject({
    kind: "bad-value",
    got: "256 bytes",
  });
});

test("a name of 15 bytes and an alias of 255 are taken whole", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    const alias = `podwire ${"é".repeat(123)}x`;
    const link = { name: "fifteen-letters", info: { kind: "bridge" as const }, alias };
    apply(kernel, [{ do: "link.add", in: ns.path, link }]);
    expect(ns.ipJson("link show fifteen-letters")[0]?.ifalias).toBe(alias);
  }));

test("without privileges: the line, and the capability that it needs", () =>
  withNetns((ns) => {
    const script = `
      import { apply } from "${import.meta.dir}/apply.ts";
      import { openKernel } from "${import.meta.dir}/kernel.ts";
      import { listLinks } from "${import.meta.dir}/links.ts";
      const kernel = openKernel();
      console.log(listLinks(kernel.host).map((l) => l.name).join());
      try {
        apply(kernel, [{ do: "link.add", in: "", link: { name: "x0", info: { kind: "bridge" } } }]);
      } catch (error) {
        console.log(error.message);
      }
    `;
    // One who keeps root's files but none of its capabilities.
    const argv = ["nsenter", `--net=${ns.path}`, "setpriv", "--bounding-set=-all", "--inh-caps=-all", process.execPath];
    const r = tryRun([...argv, "-e", script]);
    expect(r.stderr).toBe("");
    expect(r.stdout).toBe("lo\nip link add name x0 type bridge: no permission, needs CAP_NET_ADMIN\n");
  }));

test("a namespace that is not one is told from one that is not there", () => {
  using kernel = openKernel();
  expect(kernel.inspect("/run/netns/no-such")).toBe("missing");
  expect(kernel.inspect("/etc/passwd/x")).toBe("missing");
  expect(kernel.inspect("/etc/passwd")).toBe("not-a-netns");
  expect(kernel.inspect("/proc/self/ns/mnt")).toBe("not-a-netns");
  expect(kernel.inspect("/proc/cpuinfo")).toBe("not-a-netns");
  expect(kernel.inspect("/proc/self/ns/net")).toBe("own");
});

test("a sysctl's name cannot lead out of /proc/sys, and a missing bridge sysctl names the module", () => {
  using kernel = openKernel();
  for (const name of ["net/../../../etc/passwd", "../etc/passwd", "", "net//x"])
    expect(() => kernel.host.readSysctl(name)).toThrow(/want a name such as/);
  try {
    kernel.host.writeSysctl("net/bridge/no-such", "1");
  } catch (error) {
    expect(faultOf(error)).toMatchObject({ kind: "io", errno: "ENOENT", fix: "modprobe br_netfilter" });
  }
  expect.assertions(5);
});
