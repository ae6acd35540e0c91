/** DHCP options by the names that a config may give them: the reference's, and more of ISC's dhcp-options(5). Pure. */
import { badConfig } from "../../../base/json-read.ts";
import type { Json } from "../../../base/json-types.ts";
import { optionCode } from "../../../kernel/codec/dhcp/message.ts";

const names = {
  "dhcp-client-identifier": optionCode.clientId,
  "subnet-mask": optionCode.subnetMask,
  routers: optionCode.routers,
  "host-name": optionCode.hostName,
  "user-class": optionCode.userClass,
  "vendor-class-identifier": optionCode.vendorClass,
  "domain-name-servers": optionCode.nameServers,
  "domain-name": optionCode.domainName,
  "domain-search": optionCode.domainSearch,
  "interface-mtu": optionCode.mtu,
  "static-routes": optionCode.staticRoutes,
  "classless-static-routes": optionCode.classlessRoutes,
} as const satisfies Record<string, number>;

/** A code, as a number or in digits, or one of the names. @throws FaultError bad-config */
export const optionOf = (value: Json | undefined, at: string): number => {
  if (typeof value === "string" && Object.hasOwn(names, value)) return names[value as keyof typeof names];
  const code = typeof value === "number" || (typeof value === "string" && value !== "") ? Number(value) : Number.NaN;
  if (Number.isInteger(code) && code >= 0 && code <= 255) return code;
  const got = value === undefined ? "nothing" : JSON.stringify(value);
  throw badConfig(at, `expected a DHCP option, 0 to 255 or one of ${Object.keys(names).join(", ")}, got ${got}`);
};

/** `option 12 (host-name)`. */
export const optionWords = (code: number): string => {
  for (const name in names) if (names[name as keyof typeof names] === code) return `option ${code} (${name})`;
  return `option ${code}`;
};
