/** systemd's services, from its files: whether one is there, and whether it starts at boot. */
import type { Host } from "../host.ts";

const places = [
  "/etc/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

export const hasUnit = (host: Host, unit: string): boolean => places.some((dir) => host.list(dir).includes(unit));

/** A link in some target's `.wants` or `.requires` starts it. */
export const startsAtBoot = (host: Host, unit: string): boolean =>
  ["/etc/systemd/system", "/usr/lib/systemd/system"].some((dir) =>
    host
      .list(dir)
      .filter((name) => name.endsWith(".target.wants") || name.endsWith(".target.requires"))
      .some((name) => host.list(`${dir}/${name}`).includes(unit)),
  );
