/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import type { FaultError } from "../../../base/fault.ts";
import { badConfig, type Reader, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { parseMac } from "../../../base/mac.ts";
import { readIpam } from "../../attach/config.ts";
import type { ParseContext } from "../../plugin.ts";
import { decodeDns } from "../../spec/dns.ts";
import { ifnameProblem } from "../../spec/validate.ts";
import type { HostDeviceConfig, Named } from "./config.ts";

/** Goes with the boot, as the devices' being anywhere does. */
export const defaultDataDir = "/run/podwire/host-device";
const devices = "/sys/devices/";

/** @throws FaultError bad-config, bad-value */
export const parseConfig = (raw: JsonObject, about: ParseContext): HostDeviceConfig => {
  const r = reader(raw);
  const ipam = readIpam(r);
  const named = readNamed(r);
  const { verb = "ADD" } = about;
  // A capability is given with ADD, and a config that is only judged still says that it will be.
  const later = r.object("capabilities")?.bool("deviceID") ?? false;
  if (!named && verb === "ADD" && !later) throw noDevice();
  const dataDir = r.string("dataDir") || defaultDataDir;
  if (!dataDir.startsWith("/")) throw badConfig("dataDir", `expected an absolute path, got ${JSON.stringify(dataDir)}`);
  return { dns: decodeDns(r.object("dns")), dataDir, ...(named && { named }), ...(ipam && { ipam }) };
};

const noDevice = (): FaultError =>
  badConfig("device", "expected one of device, hwaddr, kernelpath, pciBusID and runtimeConfig.deviceID, got none");

/** @throws FaultError bad-config */
export const needNamed = ({ named }: HostDeviceConfig): Named => {
  if (named) return named;
  throw noDevice();
};

/** In the order in which the reference goes by them. */
const readNamed = (r: Reader): Named | undefined => {
  const name = r.string("device");
  const mac = r.parsed("hwaddr", parseMac);
  const path = r.string("kernelpath");
  const pci = r.string("pciBusID");
  const id = r.object("runtimeConfig")?.string("deviceID");
  const problem = name ? ifnameProblem(name) : undefined;
  if (problem) throw badConfig("device", problem);
  if (path) checkKernelPath(path);
  for (const [key, bus] of [
    ["pciBusID", pci],
    ["runtimeConfig.deviceID", id],
  ] as const)
    if (bus) checkBusName(key, bus);
  if (name) return { by: "device", name };
  if (mac) return { by: "hwaddr", mac };
  if (path) return { by: "kernelpath", path };
  if (id) return { by: "deviceID", id };
  return pci ? { by: "pciBusID", id: pci } : undefined;
};

const checkKernelPath = (path: string): void => {
  if (!path.startsWith(devices) || path.split("/").some((part) => part === "." || part === ".."))
    throw badConfig("kernelpath", `expected a path below ${devices} without dots, got ${JSON.stringify(path)}`);
};

/** It becomes part of a path. */
const checkBusName = (key: string, id: string): void => {
  if (id.includes("/") || id === "." || id === "..")
    throw badConfig(key, `expected the name of a device on its bus, such as 0000:00:1f.6, got ${JSON.stringify(id)}`);
};
