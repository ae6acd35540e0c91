/** What the pod, or this host, has to be like for an ADD. */
import { FaultError } from "../../../base/fault.ts";
import { hasSelinux } from "../../../kernel/os/selinux.ts";
import type { Netns } from "../../../net/kernel.ts";
import { findLink, type Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import type { TapConfig } from "./parse.ts";

/** @throws FaultError unsupported */
export const refuseContext = ({ selinuxContext }: TapConfig): void => {
  if (selinuxContext === undefined || hasSelinux()) return;
  throw new FaultError({
    kind: "unsupported",
    key: "selinuxContext",
    value: JSON.stringify(selinuxContext),
    why: "this host runs without SELinux (no /sys/fs/selinux); leave it out, or boot with security=selinux",
  });
};

/** The pod's bridge of that name. @throws FaultError not-found, exists */
export const needBridge = (ns: Netns, name: string): Link => {
  const there = findLink(ns, name);
  if (there?.kind === "bridge") return there;
  if (there)
    throw new FaultError({
      kind: "exists",
      what: `bridge ${name} in ${ns.path}`,
      why: `a link of that name is there and is ${there.kind ? `a ${there.kind}` : "a plain device"}, not a bridge`,
      fix: render({ do: "link.del", in: ns.path, name }),
    });
  throw new FaultError({
    kind: "not-found",
    what: `bridge ${name} in ${ns.path}`,
    why: "there is no such device, and the tap device is to join it",
    fix: render({ do: "link.add", in: ns.path, link: { name, info: { kind: "bridge" } } }),
  });
};
