/** Devices by their place on a bus, in trees that are made like /sys; what there is of links is a kernel's. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { lookUp, treeAt } from "./sysfs.ts";
import { deviceConf, makeDevice, remembered, view } from "./testing/conf.ts";

setDefaultTimeout(60_000);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "podwire-sys-"));
});
afterEach(() => rmSync(root, { recursive: true }));
const make = (...paths: string[]): void => {
  for (const path of paths) mkdirSync(join(root, path), { recursive: true });
};
const pci = "bus/pci/devices/0000:00:1f.6";

describe("a device is found", () => {
  const look = (by: "pciBusID" | "deviceID", id: string) => lookUp(treeAt(root), { by, id });
  test("by its path in the kernel's tree, the first interface of several", () => {
    make("devices/pci0000:00/0000:00:1f.6/net/ens9", "devices/pci0000:00/0000:00:1f.6/net/ens10");
    const path = "/sys/devices/pci0000:00/0000:00:1f.6/";
    expect(lookUp(treeAt(root), { by: "kernelpath", path })).toEqual({ is: "link", name: "ens10" });
  });
  test("by its PCI address, as pciBusID and as deviceID", () => {
    make(`${pci}/net/ens3`);
    for (const by of ["pciBusID", "deviceID"] as const)
      expect(look(by, "0000:00:1f.6")).toEqual({ is: "link", name: "ens3", pciId: "0000:00:1f.6" });
  });
  test("behind virtio", () => {
    make(`${pci}/virtio2/net/ens3`);
    expect(look("pciBusID", "0000:00:1f.6")).toMatchObject({ is: "link", name: "ens3" });
  });
  test("on the auxiliary bus, as deviceID alone", () => {
    make("bus/auxiliary/devices/mlx5_core.sf.4/net/p0sf4");
    expect(look("deviceID", "mlx5_core.sf.4")).toEqual({ is: "link", name: "p0sf4" });
    expect(look("pciBusID", "mlx5_core.sf.4")).toMatchObject({ is: "nothing" });
  });
  test.each(["vfio-pci", "uio_pci_generic", "igb_uio"])("with %s, which gives it to a program", (driver) => {
    make(pci, `bus/pci/drivers/${driver}/0000:00:1f.6`);
    for (const by of ["pciBusID", "deviceID"] as const)
      expect(look(by, "0000:00:1f.6")).toEqual({ is: "userspace", driver, pciId: "0000:00:1f.6" });
  });
  test("or is not, and then it is told where it was looked for", () => {
    make(`${pci}/net`, `${pci}/virtio0`);
    expect(look("pciBusID", "0000:00:1f.6")).toEqual({
      is: "nothing",
      where: [`/sys/${pci}/net`, `/sys/${pci}/virtio0/net`],
    });
    expect(look("deviceID", "0000:00:ff.0")).toEqual({
      is: "nothing",
      where: ["/sys/bus/pci/devices/0000:00:ff.0", "/sys/bus/auxiliary/devices/0000:00:ff.0"],
    });
  });
});

/** ADD, CHECK and DEL with this tree as /sys. */
const life = async (s: Stage, more: JsonObject) => {
  const pod = s.pod();
  const conf = deviceConf(s, { device: "", ...more });
  const call = { pod, sysfs: root };
  const added = await s.call("ADD", conf, call);
  const links = pod.ipJson<{ ifname: string }>("link").map((l) => l.ifname);
  const checked = added.exit === 0 ? await s.call("CHECK", { ...conf, prevResult: added.json }, call) : undefined;
  const deleted = [await s.call("DEL", conf, call), await s.call("DEL", conf, call)];
  expect(deleted.map((d) => d.exit)).toEqual([0, 0]);
  return { added, links, checked: checked?.exit, pod };
};

describe("ADD moves the device", () => {
  test("with its PCI address in the result since 1.1.0", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      make(`${pci}/net/ens3`);
      const was = view(s.host);
      for (const more of [{ pciBusID: "0000:00:1f.6" }, { runtimeConfig: { deviceID: "0000:00:1f.6" } }]) {
        const { added, links, checked } = await life(s, more);
        expect(added.json.interfaces).toMatchObject([{ name: "eth0", pciID: "0000:00:1f.6" }]);
        expect({ links, checked }).toEqual({ links: ["lo", "eth0"], checked: 0 });
        expect(view(s.host)).toEqual(was);
      }
    }));
  test("of the auxiliary bus, and of a path", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      make("bus/auxiliary/devices/mlx5_core.sf.4/net/ens3", "devices/virtual/net/ens3");
      for (const more of [{ runtimeConfig: { deviceID: "mlx5_core.sf.4" } }, { kernelpath: "/sys/devices/virtual" }])
        expect(await life(s, more)).toMatchObject({ added: { exit: 0 }, links: ["lo", "eth0"], checked: 0 });
    }));
  test("unless a program has it: then there is no link, and the address is the program's to use", () =>
    withStage(async (s) => {
      make(pci, "bus/pci/drivers/vfio-pci/0000:00:1f.6");
      for (const more of [{}, { ipam: {} }]) {
        const { added, links, checked, pod } = await life(s, { pciBusID: "0000:00:1f.6", ...more });
        expect(added.json.interfaces).toEqual([{ name: "eth0", sandbox: pod.path, pciID: "0000:00:1f.6" }]);
        expect({ links, checked }).toEqual({ links: ["lo"], checked: 0 });
        expect({ store: s.store(), kept: remembered(s) }).toEqual({ store: {}, kept: [] });
      }
    }));
  test("or says why not", () =>
    withStage(async (s) => {
      make(`${pci}/net/ens9`);
      const other = await life(s, { pciBusID: "0000:00:1f.6" });
      expect(other.added).toMatchObject({ exit: 1, json: { code: 103 } });
      expect(String(other.added.json.msg)).toContain("it is ens9, which is not in this network namespace");
      const none = await life(s, { pciBusID: "0000:00:01.0" });
      expect(String(none.added.json.msg)).toContain("no network interface in /sys/bus/pci/devices/0000:00:01.0");
    }));
});
