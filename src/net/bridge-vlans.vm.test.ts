import { expect, test } from "bun:test";
import { hex } from "../base/bytes.ts";
import { FaultError } from "../base/fault.ts";
import { type TestNetns, withNetns } from "../kernel/testing/netns.ts";
import { recordNetlink } from "../kernel/testing/recorder.ts";
import { apply } from "./apply.ts";
import { addVlan, delVlan, listVlans, type VlanSpec } from "./bridge-vlans.ts";
import { type Netns, openKernel } from "./kernel.ts";
import { findLink } from "./links.ts";
import { render } from "./plan/render.ts";
import type { Step } from "./plan/step.ts";

type Told = { ifname: string; vlans: { vlan: number; vlanEnd?: number; flags?: string[] }[] };

const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** `bridge -j vlan`: by link, a word for each VLAN with its flags, such as `5 PVID Egress Untagged`. */
const allTold = (ns: TestNetns): Record<string, string[]> =>
  Object.fromEntries(
    ns
      .bridgeJson<Told>("vlan show")
      .map((port) => [
        port.ifname,
        port.vlans.flatMap((v) => upTo(v.vlan, v.vlanEnd ?? v.vlan).map((vid) => [vid, ...(v.flags ?? [])].join(" "))),
      ]),
  );
const told = (ns: TestNetns, link: string): string[] => allTold(ns)[link] ?? [];
const byDefault = "1 PVID Egress Untagged";

/** A bridge br0 that filters, with default VLAN 1, and two ports, p0 and p1. */
const ground = (ns: TestNetns): void => {
  ns.ip("link add br0 type bridge vlan_filtering 1");
  for (const port of ["p0", "p1"]) ns.ip(`link add ${port} master br0 type dummy`);
};

const onGround = (act: (ns: TestNetns, door: Netns) => void): Promise<void> =>
  withNetns((ns) => {
    ground(ns);
    using kernel = openKernel();
    act(ns, kernel.open(ns.path));
  });

test("a VLAN of a port is added beside the bridge's default", () =>
  onGround((ns, door) => {
    addVlan(door, { link: "p0", vid: 100 }, "add");
    expect(told(ns, "p0")).toEqual([byDefault, "100"]);
    expect(told(ns, "p1")).toEqual([byDefault]);
  }));

test("pvid and untagged are set each by itself, and the PVID moves to the one that has it last", () =>
  onGround((ns, door) => {
    addVlan(door, { link: "p0", vid: 5, pvid: true, untagged: true }, "add");
    addVlan(door, { link: "p0", vid: 6, untagged: true }, "add");
    expect(told(ns, "p0")).toEqual(["1 Egress Untagged", "5 PVID Egress Untagged", "6 Egress Untagged"]);
    addVlan(door, { link: "p0", vid: 7, pvid: true }, "add");
    expect(told(ns, "p0")).toEqual(["1 Egress Untagged", "5 Egress Untagged", "6 Egress Untagged", "7 PVID"]);
  }));

test("a range is added whole, to its ends, and taken away in part", () =>
  onGround((ns, door) => {
    addVlan(door, { link: "p0", vid: 4000, end: 4094 }, "add");
    expect(told(ns, "p0")).toEqual([byDefault, ...upTo(4000, 4094).map(String)]);
    delVlan(door, { link: "p0", vid: 4001, end: 4093 }, "del");
    expect(told(ns, "p0")).toEqual([byDefault, "4000", "4094"]);
  }));

test("a range whose end is its start is one VLAN", () =>
  onGround((ns, door) => {
    addVlan(door, { link: "p0", vid: 9, end: 9 }, "add");
    expect(told(ns, "p0")).toEqual([byDefault, "9"]);
  }));

test("with self it is the bridge's own, and no port's", () =>
  onGround((ns, door) => {
    addVlan(door, { link: "br0", vid: 20, end: 21, self: true }, "add");
    expect(told(ns, "br0")).toEqual([byDefault, "20", "21"]);
    expect(told(ns, "p0")).toEqual([byDefault]);
    delVlan(door, { link: "br0", vid: 1, end: 20, self: true }, "del");
    expect(told(ns, "br0")).toEqual(["21"]);
  }));

test("the list has what bridge -j vlan has, bridge and ports, whoever made it", () =>
  onGround((ns, door) => {
    ns.sh(`
      bridge vlan add dev p0 vid 10-14
      bridge vlan add dev p0 vid 30 pvid untagged
      bridge vlan add dev p1 vid 40 untagged
      bridge vlan del dev p1 vid 1
      bridge vlan add dev br0 vid 50 self`);
    const ours = (link: string): string[] =>
      listVlans(door)
        .filter((v) => v.link === findLink(door, link)?.index)
        .map((v) => `${v.vid}${v.pvid ? " PVID" : ""}${v.untagged ? " Egress Untagged" : ""}`);
    expect(allTold(ns)).toEqual({ br0: ours("br0"), p0: ours("p0"), p1: ours("p1") });
    expect(ours("p1")).toEqual(["40 Egress Untagged"]);
  }));

test("the list is empty where no bridge is, and a bridge that does not filter keeps its default VLAN", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    const door = kernel.open(ns.path);
    expect(listVlans(door)).toEqual([]);
    ns.ip("link add br0 type bridge");
    expect(listVlans(door)).toEqual([{ link: findLink(door, "br0")?.index ?? 0, vid: 1, pvid: true, untagged: true }]);
  }));

const specs: readonly VlanSpec[] = [
  { link: "p0", vid: 100 },
  { link: "p0", vid: 101, pvid: true, untagged: true },
  { link: "p0", vid: 102, untagged: true },
  { link: "p0", vid: 103, pvid: true },
  { link: "p0", vid: 200, end: 207 },
  { link: "p0", vid: 210, end: 212, untagged: true },
  { link: "br0", vid: 300, self: true },
  { link: "br0", vid: 301, end: 303, untagged: true, self: true },
];

test("a range goes as two entries, begin and end, and self as bridge flags, in the bytes of linux/if_bridge.h", () =>
  withNetns((ns) => {
    ground(ns);
    const log = recordNetlink();
    using kernel = openKernel({ wireLog: log });
    const door = kernel.open(ns.path);
    const sent = (spec: VlanSpec): string => {
      addVlan(door, spec, "add");
      const last = log.messages("out").at(-1);
      expect(last?.type).toBe(19); // RTM_SETLINK
      expect(last?.payload[0]).toBe(7); // AF_BRIDGE
      return hex(last?.payload.subarray(16) ?? new Uint8Array());
    };
    expect(sent({ link: "p0", vid: 200, end: 207, untagged: true })).toBe(
      "14001a80" + "080002000c00c800" + "080002001400cf00",
    );
    expect(sent({ link: "br0", vid: 5, self: true })).toBe("14001a80" + "0600000002000000" + "0800020000000500");
  }));

test("each step and its printed line, run by sh, leave the same VLANs", () =>
  withNetns((ours) =>
    withNetns((theirs) => {
      for (const ns of [ours, theirs]) ground(ns);
      using kernel = openKernel();
      const printed: string[] = [];
      const both = (verb: "vlan.add" | "vlan.del", vlan: VlanSpec): void => {
        apply(kernel, [{ do: verb, in: ours.path, vlan } as Step]);
        printed.push(render({ do: verb, in: "", vlan } as Step));
      };
      for (const vlan of specs) both("vlan.add", vlan);
      theirs.sh(printed.splice(0).join("\n"));
      expect(told(theirs, "p0")).toHaveLength(16);
      expect(allTold(ours)).toEqual(allTold(theirs));
      for (const vlan of specs) both("vlan.del", vlan);
      theirs.sh(printed.join("\n"));
      expect(told(theirs, "p0")).toEqual(["1 Egress Untagged"]);
      expect(allTold(ours)).toEqual(allTold(theirs));
    }),
  ));

test("undoing a VLAN's step takes it back", () =>
  withNetns((ns) => {
    ground(ns);
    using kernel = openKernel();
    const way = apply(kernel, [{ do: "vlan.add", in: ns.path, vlan: { link: "p0", vid: 77, end: 79 } }]);
    expect(told(ns, "p0")).toEqual([byDefault, "77", "78", "79"]);
    expect(way.undo()).toEqual([]);
    expect(told(ns, "p0")).toEqual([byDefault]);
  }));

test("what the kernel refuses is an error with its errno", () =>
  onGround((_, door) => {
    const errnoOf = (act: () => void): string | undefined => {
      try {
        act();
      } catch (error) {
        return error instanceof FaultError && error.fault.kind === "kernel" ? error.fault.errno : String(error);
      }
      return undefined;
    };
    expect(errnoOf(() => addVlan(door, { link: "p0", vid: 4095 }, "add"))).toBe("EINVAL");
    expect(errnoOf(() => addVlan(door, { link: "p0", vid: 9, end: 12, pvid: true }, "add"))).toBe("EINVAL");
  }));

test("deleting a VLAN that is not there is no error, as the kernel has it", () =>
  onGround((ns, door) => {
    delVlan(door, { link: "p0", vid: 500 }, "del");
    expect(told(ns, "p0")).toEqual([byDefault]);
  }));
