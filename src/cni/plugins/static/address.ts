/** Addresses and gateways that an interface can have; others are refused by their key. Pure. */
import { type Cidr, cidrFamily, cidrText, lastOf, parseCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { bitsOf, family, type Ip, parseIp, tryIp } from "../../../base/ip.ts";

/** IPv4 in the spelling of IPv6; undefined for all else. */
const unmapped = (ip: Ip): Ip | undefined => (ip.startsWith("::ffff:") ? tryIp(ip.slice(7)) : undefined);

/** 224.0.0.0/4 and ff00::/8. */
const isMulticast = (ip: Ip): boolean => {
  if (family(ip) === 6) return ip.startsWith("ff");
  const first = Number.parseInt(ip, 10);
  return first >= 224 && first < 240;
};

const refuse = (what: string, got: string, want: string): FaultError =>
  new FaultError({ kind: "bad-value", what, got, want });

const checkHost = (ip: Ip, what: string, got: string): void => {
  if (ip === "0.0.0.0" || ip === "::") throw refuse(what, got, "the address of one host, not that of none");
  if (isMulticast(ip)) throw refuse(what, got, "the address of one host, not a multicast group's");
};

/** With the prefix of its subnet. An IPv4-mapped spelling is IPv4's. @throws FaultError bad-value */
export const parseAddress = (text: string, what: string): Cidr => {
  if (!text.includes("/") && tryIp(text) !== undefined)
    throw refuse(
      what,
      JSON.stringify(text),
      `the prefix of its subnet with it, such as ${text}/${text.includes(":") ? 64 : 24}`,
    );
  const given = parseCidr(text, what);
  const v4 = given.prefix >= 96 ? unmapped(given.ip) : undefined;
  const address = v4 && family(v4) === 4 ? { ip: v4, prefix: given.prefix - 96 } : given;
  checkHost(address.ip, what, cidrText(address));
  const hostBits = bitsOf(cidrFamily(address)) - address.prefix;
  if (cidrFamily(address) === 4 && hostBits > 1 && lastOf(address) === address.ip)
    throw refuse(what, cidrText(address), "the address of one host, not the broadcast address of its subnet");
  return address;
};

/** @throws FaultError bad-value */
export const parseGateway = (text: string, what: string): Ip => {
  const given = parseIp(text, what);
  const v4 = unmapped(given);
  const ip = v4 && family(v4) === 4 ? v4 : given;
  checkHost(ip, what, ip);
  return ip;
};
