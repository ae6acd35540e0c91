/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { Mac } from "../../../base/mac.ts";
import { sysctlPath } from "../../../kernel/os/sysctl.ts";
import { parseOwnMac, readMtu } from "../../attach/config.ts";
import type { ParseContext } from "../../plugin.ts";
import { parseArgs, parsedArg } from "../../spec/args.ts";
import { defaultDataDir, type Sysctl, type TuningConfig } from "./config.ts";

/** @throws FaultError bad-config, bad-value, bad-env */
export const parseConfig = (raw: JsonObject, about: ParseContext): TuningConfig => {
  const r = reader(raw);
  const dataDir = r.string("dataDir") || defaultDataDir;
  // What was set stands in the file. A config that ADD refused must not keep its pod from going.
  if (about.verb === "DEL" || about.verb === "GC") return { dataDir, sysctls: [], link: {} };
  const over = r.object("args")?.object("cni");
  const has = (key: string): boolean => over?.value(key) !== undefined;
  const mac = readMac(r, over, about);
  const mtu = readMtu(over && has("mtu") ? over : r);
  const allmulti = over?.bool("allmulti") ?? r.bool("allmulti");
  const txqlen = over?.int("txQLen", queue) ?? r.int("txQLen", queue);
  return {
    dataDir,
    sysctls: readSysctls(r, over),
    link: {
      ...(mac && { mac }),
      ...((over?.bool("promisc") ?? r.bool("promisc")) && { promisc: true }),
      ...(mtu && { mtu }),
      ...(allmulti !== undefined && { allmulti }),
      ...(txqlen !== undefined && { txqlen }),
    },
  };
};

/** IFLA_TXQLEN is a u32. */
const queue = { min: 0, max: 0xffff_ffff };

/** args.cni.mac, else runtimeConfig.mac, else MAC of CNI_ARGS, else mac. An empty args.cni.mac asks for none. */
const readMac = (r: Reader, over: Reader | undefined, about: ParseContext): Mac | undefined => {
  const fromArgs = parseArgs(about.args, ["MAC", "IP", "GATEWAY"]).MAC;
  if (over?.string("mac") === "") return undefined;
  return (
    over?.parsed("mac", parseOwnMac) ??
    r.object("runtimeConfig")?.parsed("mac", parseOwnMac) ??
    (fromArgs ? parsedArg("MAC", fromArgs, parseOwnMac) : r.parsed("mac", parseOwnMac))
  );
};

/** In the order of the config; what args.cni has too takes its value from there. */
const readSysctls = (r: Reader, over: Reader | undefined): readonly Sysctl[] => {
  const found = new Map<string, Sysctl>();
  for (const object of [r.object("sysctl"), over?.object("sysctl")]) {
    const here = new Map<string, string>();
    for (const key in object?.raw ?? {}) {
      const value = object?.string(key);
      if (object === undefined || value === undefined) continue;
      const name = nameOf(key, object);
      const twin = here.get(name);
      if (twin !== undefined) throw badConfig(object.path(key), `is the same sysctl as ${twin}`);
      here.set(name, key);
      found.set(name, { key, name, value });
    }
  }
  return [...found.values()];
};

const root = "/proc/sys/";

const nameOf = (key: string, object: Reader): string => {
  const name = sysctlPath(key).slice(root.length);
  if (name.startsWith("net/")) return name;
  throw badConfig(object.path(key), "expected a sysctl below net: the others are the whole machine's, not the pod's");
};
