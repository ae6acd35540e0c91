/** The config of `tuning` as values. */
import type { LinkChange } from "../../../net/links.ts";

/** Only what is to be set. `promisc` is never false here: the reference leaves it alone then. */
export type LinkTuning = Pick<LinkChange, "mac" | "mtu" | "promisc" | "allmulti" | "txqlen">;

export interface Sysctl {
  /** As the config spells it. */
  readonly key: string;
  /** Below /proc/sys, with slashes; begins with `net/`. May have `IFNAME` in it. */
  readonly name: string;
  readonly value: string;
}

export interface TuningConfig {
  readonly sysctls: readonly Sysctl[];
  readonly link: LinkTuning;
  /** Where former values are kept. */
  readonly dataDir: string;
}

export const defaultDataDir = "/run/cni/tuning";
export const defaultAllowlist = "/etc/cni/tuning/allowlist.conf";
