/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { Mac } from "../../../base/mac.ts";
import { parseOwnMac, readIpam, readMac, readMtu } from "../../attach/config.ts";
import type { ParseContext } from "../../plugin.ts";
import { decodeDns } from "../../spec/dns.ts";
import type { Dns } from "../../spec/types.ts";
import { ifnameProblem } from "../../spec/validate.ts";

export interface TapConfig {
  /** Bytes; absent is the kernel's own. */
  readonly mtu?: number;
  readonly mac?: Mac;
  readonly multiQueue: boolean;
  /** Number of the user, and of the group, who may open the device. */
  readonly owner?: number;
  readonly group?: number;
  readonly selinuxContext?: string;
  /** A bridge in the pod that the device joins. */
  readonly bridge?: string;
  /** Type of the IPAM plugin; absent is layer 2 only. */
  readonly ipam?: string;
  readonly dns: Dns;
}

/** @throws FaultError bad-config, bad-value, bad-env */
export const parseConfig = (raw: JsonObject, about: ParseContext): TapConfig => {
  const r = reader(raw);
  const mtu = readMtu(r);
  const mac = readMac(r, about) ?? r.parsed("mac", parseOwnMac);
  const [owner, group] = [readId(r, "owner"), readId(r, "group")];
  const selinuxContext = r.string("selinuxContext");
  const bridge = r.string("bridge");
  const problem = bridge ? ifnameProblem(bridge) : undefined;
  if (problem) throw badConfig("bridge", problem);
  const ipam = readIpam(r);
  return {
    multiQueue: r.bool("multiQueue") ?? false,
    dns: decodeDns(r.object("dns")),
    ...(mtu && { mtu }),
    ...(mac && { mac }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
    ...(selinuxContext && { selinuxContext }),
    ...(bridge && { bridge }),
    ...(ipam && { ipam }),
  };
};

/** 0 is root, and not the same as none; the highest number of 32 bits stands for none (user_namespaces(7)). */
const readId = (r: Reader, key: string): number | undefined => r.int(key, { min: 0, max: 2 ** 32 - 2 });
