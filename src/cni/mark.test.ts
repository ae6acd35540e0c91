import { expect, test } from "bun:test";
import {
  birthGroup,
  deviceMark,
  deviceOwnerOf,
  gatewayMark,
  isMark,
  markOf,
  networkMark,
  ownerOf,
  ruleMark,
} from "./mark.ts";

const owner = { network: "net1", containerId: "pod1", ifname: "eth0" };

test("a mark is what a person reads in ip link: network, container, interface", () => {
  expect(markOf(owner)).toBe("podwire net1/pod1/eth0");
  expect(markOf(owner)).toStartWith(networkMark("net1"));
  expect(markOf({ ...owner, network: "net12" })).not.toStartWith(networkMark("net1"));
});

test("names too long for the kernel's 255 bytes are cut, and stay different and their network's", () => {
  const long = "n".repeat(300);
  const a = markOf({ ...owner, network: long, containerId: `${long}a`, ifname: "e".repeat(15) });
  const b = markOf({ ...owner, network: long, containerId: `${long}b`, ifname: "e".repeat(15) });
  expect(Buffer.byteLength(a)).toBeLessThanOrEqual(255);
  expect(a).not.toBe(b);
  expect(a).toStartWith(networkMark(long));
  expect(markOf({ ...owner, containerId: "c".repeat(110) })).toBe(`podwire net1/${"c".repeat(110)}/eth0`);
});

test("a VLAN gateway's mark is ours and no attachment's", () => {
  expect(isMark(gatewayMark("br0.5"))).toBe(true);
  expect(gatewayMark("br0.5").startsWith(networkMark("gateway"))).toBe(false);
  expect(isMark("uplink")).toBe(false);
  expect(isMark(undefined)).toBe(false);
});

test("the group that a veth is born in is the network's own, a number that `ip` takes, and far from a person's", () => {
  const groups = ["net1", "net2", "n".repeat(300)].map(birthGroup);
  expect(new Set(groups).size).toBe(3);
  for (const group of groups) expect([group >= 0x2000_0000, group <= 0x3fff_ffff]).toEqual([true, true]);
  expect(birthGroup("net1")).toBe(groups[0]!);
});

test("a rule's mark is the attachment's own, a group that `ip` prints and reads as a number, and no veth's at birth", () => {
  const owners = [
    owner,
    { ...owner, ifname: "net1" },
    { ...owner, containerId: "pod2" },
    { ...owner, network: "net2" },
  ];
  const marks = owners.map(ruleMark);
  expect(new Set(marks).size).toBe(4);
  for (const mark of marks) expect([mark >= 0x4000_0000, mark <= 0x7fff_ffff]).toEqual([true, true]);
});

test("a mark gives its owner back, and says when the container's name was cut", () => {
  expect(ownerOf("net1", markOf(owner))).toEqual({ ...owner, whole: true });
  expect(ownerOf("net1", markOf({ ...owner, containerId: "c".repeat(300) }))?.whole).toBe(false);
  expect(ownerOf("net12", markOf(owner))).toBeUndefined();
  expect(deviceOwnerOf("net1", deviceMark(owner, "ens3"))).toEqual({ ...owner, whole: true });
  expect(deviceOwnerOf("net1", markOf(owner))).toBeUndefined();
  expect(ownerOf("net1", deviceMark(owner, "ens3"))).toBeUndefined();
  expect(ownerOf("net1", "uplink")).toBeUndefined();
  expect(ownerOf("net1", undefined)).toBeUndefined();
});
