/** From JSON to config: everything that can be refused without looking at the host. Pure. */
import { badConfig, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { macvlanModes } from "../../../kernel/codec/link-kinds/macvlan.ts";
import { type ChildConfig, readBelow, readWord } from "../../attach/child/config.ts";
import { parseOwnMac, readIpam, readMac, readMtu } from "../../attach/config.ts";
import type { ParseContext } from "../../plugin.ts";
import { decodeDns } from "../../spec/dns.ts";

const { bridge, private: apart, vepa, passthru } = macvlanModes;
/** The default first. */
const modes = { bridge, private: apart, vepa, passthru };

/** @throws FaultError bad-config, bad-value, bad-env */
export const parseConfig = (raw: JsonObject, about: ParseContext): ChildConfig => {
  const r = reader(raw);
  const mode = readWord(r, "mode", modes);
  const bcQueueLen = r.int("bcqueuelen", { min: 0, max: 0xffff_ffff });
  const mtu = readMtu(r);
  const mac = readMac(r, about) ?? r.parsed("mac", parseOwnMac);
  const ipam = readIpam(r);
  if (mac && mode === passthru)
    throw badConfig("mode", "passthru gives the pod the master's own MAC, and the config asks for another");
  return {
    info: { kind: "macvlan", data: { mode, ...(bcQueueLen && { bcQueueLen }) } },
    below: readBelow(r),
    chained: false,
    dns: decodeDns(r.object("dns")),
    ...(mtu && { mtu }),
    ...(mac && { mac }),
    ...(ipam && { ipam }),
  };
};
