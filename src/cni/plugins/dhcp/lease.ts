/** A lease as it stands in its file and goes to the plugin: all that is needed to go on with it after a restart. Pure. */
import { hex, unhex } from "../../../base/bytes.ts";
import { type Ip, parseIp } from "../../../base/ip.ts";
import { type Reader, reader } from "../../../base/json-read.ts";
import type { Json, JsonObject } from "../../../base/json-types.ts";
import { type Mac, parseMac } from "../../../base/mac.ts";
import type { DhcpOptions } from "../../../kernel/codec/dhcp/message.ts";
import type { Attachment } from "../../spec/types.ts";

/** Whose it is: the three that name an attachment. */
export interface Holder {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** The link that it was got through, told apart from another of the same name. */
export interface LeasedLink {
  /** Path of the namespace, as the plugin was given it. */
  readonly netns: string;
  /** Told apart from other namespaces of this boot. */
  readonly netnsId: string;
  readonly index: number;
  /** The one it had when it was last asked under. */
  readonly mac: Mac;
}

/** What the client says of itself and wants, the same in every message. */
export interface Wants {
  /** Options that the server is told, the client identifier among them. */
  readonly provide: DhcpOptions;
  readonly request: readonly number[];
}

/** What a server granted. Times are milliseconds of the boot clock; a lease without end has `Infinity`. */
export interface Grant {
  readonly address: Ip;
  readonly server: Ip;
  /** Where its answers come from: its own card, or the router's that is before it. */
  readonly serverMac: Mac;
  readonly obtainedAt: number;
  readonly renewAt: number;
  readonly rebindAt: number;
  readonly expiresAt: number;
  /** All that its ACK said. */
  readonly options: DhcpOptions;
}

export interface Lease extends Holder {
  /** The boot whose clock the times are of. */
  readonly bootId: string;
  readonly link: LeasedLink;
  readonly wants: Wants;
  readonly grant: Grant;
  /** Why it does not hold any more: the link is down since. */
  readonly lost?: string;
}

export const holderOf = ({ network, containerId, ifname }: Holder): Holder => ({ network, containerId, ifname });

/** True for one of that network whose attachment is not among the living. */
export const isOther = (h: Holder, network: string, valid: readonly Attachment[]): boolean =>
  h.network === network && !valid.some((a) => a.containerId === h.containerId && a.ifname === h.ifname);

/** `network/container/interface`, for logs and as the key of tables. */
export const holderText = (h: Holder): string => `${h.network}/${h.containerId}/${h.ifname}`;

/** By code, values in hex. */
export const encodeOptions = (options: DhcpOptions): JsonObject =>
  Object.fromEntries([...options].map(([code, b]) => [String(code), hex(b)]));

export const decodeOptions = (r: Reader): DhcpOptions =>
  new Map(Object.keys(r.raw).map((code) => [Number(code), unhex(r.needString(code))]));

/** JSON has no infinity: null stands for a time that never comes. */
const encodeTime = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);
const decodeTime = (r: Reader, key: string): number => r.int(key) ?? Number.POSITIVE_INFINITY;

const needObject = (r: Reader, key: string): Reader => r.object(key) ?? reader({}, r.path(key));

export const encodeLease = ({ grant, link, wants, ...rest }: Lease): JsonObject => ({
  ...rest,
  link: { ...link },
  wants: { provide: encodeOptions(wants.provide), request: [...wants.request] },
  grant: {
    ...grant,
    renewAt: encodeTime(grant.renewAt),
    rebindAt: encodeTime(grant.rebindAt),
    expiresAt: encodeTime(grant.expiresAt),
    options: encodeOptions(grant.options),
  },
});

/** @throws FaultError bad-config, bad-value, naming what is wrong in `what` */
export const decodeLease = (json: Json, what: string): Lease => {
  const r = reader(json, what);
  const [link, wants, grant] = [needObject(r, "link"), needObject(r, "wants"), needObject(r, "grant")];
  const lost = r.string("lost");
  return {
    network: r.needString("network"),
    containerId: r.needString("containerId"),
    ifname: r.needString("ifname"),
    bootId: r.needString("bootId"),
    link: {
      netns: link.needString("netns"),
      netnsId: link.needString("netnsId"),
      index: link.int("index") ?? 0,
      mac: link.needParsed("mac", parseMac),
    },
    wants: {
      provide: decodeOptions(needObject(wants, "provide")),
      request: (wants.array("request") ?? []).map(Number),
    },
    grant: {
      address: grant.needParsed("address", parseIp),
      server: grant.needParsed("server", parseIp),
      serverMac: grant.needParsed("serverMac", parseMac),
      obtainedAt: grant.int("obtainedAt") ?? 0,
      renewAt: decodeTime(grant, "renewAt"),
      rebindAt: decodeTime(grant, "rebindAt"),
      expiresAt: decodeTime(grant, "expiresAt"),
      options: decodeOptions(needObject(grant, "options")),
    },
    ...(lost && { lost }),
  };
};
