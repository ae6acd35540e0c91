/** L4: kernels and drivers that spoil the checksum of what leaves by a vxlan link. */

import { checksumsOffloaded } from "../../kernel/os/ethtool.ts";
import type { Link } from "../../net/links.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { linkOf } from "../reads/uplinks.ts";
import { vxlanOf } from "../reads/vxlan.ts";

/** Linux 5.7 leaves a UDP checksum of 0 alone when it translates addresses; 5.4.41 and 4.19.123 have that too. */
const mended: readonly (readonly [number, number, number])[] = [
  [4, 19, 123],
  [5, 4, 41],
  [5, 6, 13],
];

const isOld = (release: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = release.split(/[.-]/).map(Number);
  const line = mended.find(([a, b]) => a === major && b === minor);
  if (line) return patch < line[2];
  return major < 5 || (major === 5 && minor < 7);
};

/** Drivers that spoil it whatever the kernel. */
const drivers = ["vmxnet3"];

const driverOf = (host: Host, link: Link | undefined): string | undefined =>
  link && /^DRIVER=(.+)$/m.exec(host.read(`/sys/class/net/${link.name}/device/uevent`) ?? "")?.[1];

const look = (host: Host, vxlan: Link, release: string): Finding => {
  const on = host.ns.enter(() => checksumsOffloaded(vxlan.name));
  const driver = driverOf(host, linkOf(host, vxlanOf(vxlan).lower));
  const spoils = driver !== undefined && drivers.includes(driver);
  const about = `checksums by ${on === false ? "the kernel" : "the driver"}, Linux ${release}${driver ? `, ${driver}` : ""}`;
  if (on === false || !(spoils || isOld(release))) return ok(about, vxlan.name);
  return {
    outcome: "warn",
    subject: vxlan.name,
    seen: about,
    want: `checksums by the kernel: ${spoils ? `${driver} gets those inside a tunnel wrong` : "this Linux gets them wrong behind NAT"}`,
    fix: { command: `ethtool -K ${vxlan.name} tx off`, undo: `ethtool -K ${vxlan.name} tx on`, survivesReboot: false },
  };
};

export const vxlanChecksumCheck: Check = {
  id: "L4",
  name: "vxlan-checksum",
  area: "links",
  severity: "warn",
  title: "packets in a vxlan tunnel get a right checksum",
  why: "a service's address takes 1, 3, 7 or 63 seconds to answer from a node: the first packets are thrown away as damaged",
  run: (host) => {
    const release = host.read("/proc/sys/kernel/osrelease")?.trim() ?? "";
    return host.links.filter((l) => l.kind === "vxlan").map((l) => look(host, l, release));
  },
};
