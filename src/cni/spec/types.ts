/** The nouns of the CNI spec, in the shape of the newest version (1.1.0). Older shapes exist only at the border: `result.ts`. */
import type { Cidr } from "../../base/cidr.ts";
import type { Ip } from "../../base/ip.ts";
import type { JsonObject } from "../../base/json-types.ts";

/** Every released version of the spec, oldest first. */
export const cniVersions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof cniVersions)[number];

/** CNI_COMMAND (spec 1.1.0, section 2 "Execution Protocol"). */
export type Verb = "ADD" | "DEL" | "CHECK" | "GC" | "STATUS" | "VERSION";

export interface ResultInterface {
  readonly name: string;
  readonly mac?: string;
  /** Bytes. Since 1.1.0. */
  readonly mtu?: number;
  /** Path of the network namespace; empty or absent for one on the host. */
  readonly sandbox?: string;
  readonly socketPath?: string;
  readonly pciID?: string;
}

export interface ResultIp {
  /** With host bits: `10.244.1.5/24`. */
  readonly address: Cidr;
  readonly gateway?: Ip;
  /** Index into `interfaces`. */
  readonly interface?: number;
}

export interface ResultRoute {
  readonly dst: Cidr;
  readonly gw?: Ip;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

export interface Dns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What ADD gives (spec 1.1.0, section 5 "Result Types"), version-free: the border writes the version that was asked for. */
export interface Result {
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultIp[];
  readonly routes: readonly ResultRoute[];
  readonly dns: Dns;
}

/** One entry of `cni.dev/valid-attachments`. */
export interface Attachment {
  readonly containerId: string;
  readonly ifname: string;
}

/** What a plugin is asked, after the border has checked the environment and parsed stdin. */
export interface Request<C> {
  readonly verb: Exclude<Verb, "VERSION">;
  /** Version the caller speaks; the answer is written in it. */
  readonly cniVersion: CniVersion;
  /** Name of the network. */
  readonly network: string;
  /** Empty for GC and STATUS. */
  readonly containerId: string;
  /** Path of the namespace; empty when the caller gave none (DEL, GC, STATUS). */
  readonly netns: string;
  readonly ifname: string;
  /** CNI_ARGS, as given: `K=V;K=V`. */
  readonly args: string;
  /** CNI_PATH, split. */
  readonly path: readonly string[];
  readonly config: C;
  /** The whole config as it came, for delegates: nothing we do not know is lost. */
  readonly raw: JsonObject;
  readonly prevResult?: Result;
  /** GC only. Absent means the caller sent no list, which never means "delete all". */
  readonly validAttachments?: readonly Attachment[];
}
