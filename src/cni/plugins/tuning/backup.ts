/**
 * What an attachment was like before, as the text of a file. The keys are the reference's, so that each reads the
 * other's files; what it does not know, and passes over, stands in `podwire`. Pure.
 */
import { parseJson, stringifyJson } from "../../../base/json.ts";
import { type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { type Mac, macBytes, macFromBytes } from "../../../base/mac.ts";
import type { LinkTuning } from "./config.ts";

export type Values = Readonly<Record<string, string>>;

export interface Backup {
  readonly link: LinkTuning;
  /** Former values by name, in the order in which they were set. */
  readonly sysctls: Values;
  /** What the kernel made of the values that were set, where it reads back as something else. */
  readonly reads: Values;
  /** Absent in a file of the reference. */
  readonly network?: string;
  readonly netns?: string;
}

/** Indented as the reference does. */
export const backupText = ({ link, sysctls, reads, network, netns }: Backup): string => {
  const { mac, promisc, mtu, allmulti, txqlen } = link;
  const own: JsonObject = {
    ...(network !== undefined && { network }),
    ...(netns !== undefined && { netns }),
    ...(Object.keys(sysctls).length > 0 && { sysctls: { ...sysctls } }),
    ...(Object.keys(reads).length > 0 && { reads: { ...reads } }),
  };
  const json: JsonObject = {
    ...(mac && { mac }),
    ...(promisc !== undefined && { promisc }),
    ...(mtu && { mtu }),
    ...(allmulti !== undefined && { allmulti }),
    ...(txqlen !== undefined && { txQLen: txqlen }),
    podwire: own,
  };
  return stringifyJson(json, 1);
};

/** Undefined for what is no such file: the reference writes in place, so a crash leaves it empty or cut. */
export const parseBackup = (text: string): Backup | undefined => {
  try {
    return read(reader(parseJson(text, "backup")));
  } catch {
    return undefined;
  }
};

const read = (r: Reader): Backup => {
  const own = r.object("podwire");
  const mac = r.parsed("mac", anyMac);
  const [promisc, allmulti] = [r.bool("promisc"), r.bool("allmulti")];
  const [mtu, txqlen] = [r.int("mtu", { min: 0 }), r.int("txQLen", { min: 0 })];
  const [network, netns] = [own?.string("network"), own?.string("netns")];
  return {
    link: {
      ...(mac && { mac }),
      ...(promisc !== undefined && { promisc }),
      ...(mtu && { mtu }),
      ...(allmulti !== undefined && { allmulti }),
      ...(txqlen !== undefined && { txqlen }),
    },
    sysctls: readValues(own?.object("sysctls")),
    reads: readValues(own?.object("reads")),
    ...(network !== undefined && { network }),
    ...(netns !== undefined && { netns }),
  };
};

const readValues = (r: Reader | undefined): Values =>
  Object.fromEntries(Object.keys(r?.raw ?? {}).map((name) => [name, r?.string(name) ?? ""]));

/** Of any length: InfiniBand's has twenty bytes. */
const anyMac = (text: string): Mac => {
  const mac = macFromBytes(macBytes(text.toLowerCase() as Mac));
  if (mac !== text.toLowerCase()) throw new TypeError(`no link address: ${text}`);
  return mac;
};
