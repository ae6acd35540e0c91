/** Links of a pod that hang on a master, as config: what macvlan, ipvlan, vlan and dummy have in common. Pure. */
import { badConfig, type Reader } from "../../../base/json-read.ts";
import type { Mac } from "../../../base/mac.ts";
import type { LinkSpec } from "../../../net/links.ts";
import type { Dns } from "../../spec/types.ts";
import { ifnameProblem } from "../../spec/validate.ts";

export type ChildKind = "macvlan" | "ipvlan" | "vlan" | "dummy";

/** A kind with the settings that the config gives it. */
export type ChildInfo = Extract<LinkSpec["info"], { readonly kind: ChildKind }>;

/** Where the master is to be found. */
export interface Below {
  /** Its name; absent is the link of the default route. */
  readonly master?: string;
  /** In the pod's namespace, not in this host's. */
  readonly inContainer: boolean;
}

export interface ChildConfig {
  readonly info: ChildInfo;
  /** Absent for a kind that hangs on nothing. */
  readonly below?: Below;
  /** Bytes; absent is the master's. */
  readonly mtu?: number;
  /** Absent is the kernel's choice: by chance, or the master's. */
  readonly mac?: Mac;
  /** Type of the IPAM plugin. Absent: layer 2 only, or with `chained` what prevResult has. */
  readonly ipam?: string;
  /** The plugins before it may give the master, and addresses. */
  readonly chained: boolean;
  readonly dns: Dns;
}

/** `master` and `linkInContainer`. @throws FaultError bad-config */
export const readBelow = (r: Reader): Below => {
  const master = r.string("master");
  const problem = master ? ifnameProblem(master) : undefined;
  if (problem) throw badConfig("master", problem);
  return { inContainer: r.bool("linkInContainer") ?? false, ...(master && { master }) };
};

/** A word of a table, such as a mode, as its number; the first is the default. @throws FaultError bad-config */
export const readWord = (r: Reader, key: string, words: Readonly<Record<string, number>>): number => {
  const names = Object.keys(words);
  const word = r.string(key) || (names[0] ?? "");
  const found = Object.hasOwn(words, word) ? words[word] : undefined;
  if (found !== undefined) return found;
  throw badConfig(key, `expected ${names.slice(0, -1).join(", ")} or ${names.at(-1)}, got ${JSON.stringify(word)}`);
};
