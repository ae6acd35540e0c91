/** Config keys that several plugins have. Pure. */
import { FaultError } from "../../base/fault.ts";
import { badConfig, type Reader } from "../../base/json-read.ts";
import { type Mac, macBytes, parseMac } from "../../base/mac.ts";
import type { ParseContext } from "../plugin.ts";
import { parseArgs, parsedArg } from "../spec/args.ts";
import { checkPluginType } from "../spec/validate.ts";

/** The smallest MTU of IPv4 (RFC 791) and the largest a veth takes. */
const mtuRange = { min: 68, max: 65535 };

/** `mtu` in bytes; undefined leaves it to the kernel. @throws FaultError bad-config */
export const readMtu = (r: Reader): number | undefined => {
  const mtu = r.int("mtu", { min: 0, max: mtuRange.max });
  if (mtu && mtu < mtuRange.min) throw badConfig("mtu", `expected 0 or at least ${mtuRange.min} bytes, got ${mtu}`);
  return mtu || undefined;
};

/** `ipam.type`; undefined for layer 2 only. @throws FaultError bad-config */
export const readIpam = (r: Reader): string | undefined => {
  const ipam = r.object("ipam")?.string("type");
  if (ipam) checkPluginType(ipam, "ipam.type");
  return ipam || undefined;
};

/** The same for a plugin that is nothing without addresses. @throws FaultError bad-config */
export const needIpam = (r: Reader): string => {
  const ipam = readIpam(r);
  if (ipam === undefined)
    throw badConfig("ipam.type", "expected the name of an IPAM plugin, such as host-local, got none");
  return ipam;
};

/** runtimeConfig.mac, else args.cni.mac, else MAC of CNI_ARGS. IP and GATEWAY are there for the IPAM plugin. */
export const readMac = (r: Reader, about: ParseContext): Mac | undefined => {
  const fromArgs = parseArgs(about.args, ["MAC", "IP", "GATEWAY"]).MAC;
  return (
    r.object("runtimeConfig")?.parsed("mac", parseOwnMac) ??
    r.object("args")?.object("cni")?.parsed("mac", parseOwnMac) ??
    (fromArgs ? parsedArg("MAC", fromArgs, parseOwnMac) : undefined)
  );
};

/** A MAC that an interface can have: not a group's, not all zeros (the kernel's is_valid_ether_addr). */
export const parseOwnMac = (text: string, what: string): Mac => {
  const mac = parseMac(text, what);
  const bytes = macBytes(mac);
  if (((bytes[0] ?? 0) & 1) === 0 && bytes.some((b) => b !== 0)) return mac;
  throw new FaultError({
    kind: "bad-value",
    what,
    got: mac,
    want: "the address of one interface, such as 02:42:ac:11:00:02",
  });
};
