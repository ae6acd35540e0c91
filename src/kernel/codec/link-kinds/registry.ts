/** Link kinds by name, and IFLA_LINKINFO: a kind decides how its data reads. A kind not listed keeps its data as bytes. */
import { concatBytes } from "../../../base/bytes.ts";
import { at, attrs, NLA_F_NESTED, type RawAttr, splitAttrs, writeAttr } from "../attrs.ts";
import { type Codec, chars, raw, str } from "../codec.ts";
import { bridge } from "./bridge.ts";
import { bridgePort } from "./bridge-port.ts";
import { dummy } from "./dummy.ts";
import { ifb } from "./ifb.ts";
import { ipvlan } from "./ipvlan.ts";
import { macvlan } from "./macvlan.ts";
import { tun } from "./tun.ts";
import { type VethData, veth } from "./veth.ts";
import { vlan } from "./vlan.ts";
import { vrf, vrfPort } from "./vrf.ts";
import { vxlan } from "./vxlan.ts";

type ValueOf<C> = C extends { read(b: Uint8Array): infer T } ? T : never;
interface Kinds<P> {
  bridge: ValueOf<typeof bridge>;
  veth: VethData<P>;
  vxlan: ValueOf<typeof vxlan>;
  macvlan: ValueOf<typeof macvlan>;
  tun: ValueOf<typeof tun>;
  ipvlan: ValueOf<typeof ipvlan>;
  vlan: ValueOf<typeof vlan>;
  dummy: ValueOf<typeof dummy>;
  ifb: ValueOf<typeof ifb>;
  vrf: ValueOf<typeof vrf>;
}
export type KnownKind = keyof Kinds<unknown>;

type Port = {
  readonly slaveKind?: string;
  readonly port?: ValueOf<typeof bridgePort>;
  /** The same of a VRF's. */
  readonly vrfPort?: ValueOf<typeof vrfPort>;
  /** Other attributes of IFLA_LINKINFO: statistics, port data of other masters. */
  readonly unknown?: readonly RawAttr[];
};
/** `data` is typed by `kind`; a kind we do not know has its bytes in `rawData`. */
export type LinkInfo<P = unknown> =
  | { [K in KnownKind]: { readonly kind: K; readonly data?: Kinds<P>[K] } & Port }[KnownKind]
  | GenericInfo;
export interface GenericInfo extends Port {
  readonly kind: string;
  readonly rawData?: Uint8Array;
}

const IFLA_INFO = { kind: 1, data: 2, xstats: 3, slaveKind: 4, slaveData: 5 } as const;

/** The codec of IFLA_LINKINFO, given the link codec for the kinds whose data is a link. */
export const linkInfo = <P>(
  peer: Codec<P>,
): Codec<LinkInfo<P>> & { locate(b: Uint8Array, offset: number): string | undefined } => {
  const kinds: { [K in KnownKind]: Codec<Kinds<P>[K]> } = {
    bridge,
    veth: veth(peer),
    vxlan,
    macvlan,
    tun,
    ipvlan,
    vlan,
    dummy,
    ifb,
    vrf,
  };
  const isKnown = (kind: string): kind is KnownKind => Object.hasOwn(kinds, kind);
  return {
    locate: (b, offset) => {
      const kind = splitAttrs(b).find((a) => a.type === IFLA_INFO.kind);
      const name = kind ? str.read(kind.data) : "";
      const data: Codec<unknown> = isKnown(name) ? kinds[name] : raw;
      const table = { kind: at(1, str), data: at(2, data), slaveKind: at(4, str), slaveData: at(5, bridgePort) };
      return attrs(table).locate(b, offset);
    },
    read: (b) => {
      const found = new Map(splitAttrs(b).map((a) => [a.type & ~NLA_F_NESTED, a.data]));
      const text = (type: number): string | undefined => {
        const d = found.get(type);
        return d && str.read(d);
      };
      const kind = text(IFLA_INFO.kind) ?? "";
      const slaveKind = text(IFLA_INFO.slaveKind);
      const slaveData = found.get(IFLA_INFO.slaveData);
      const isPort = slaveKind === "bridge" && slaveData !== undefined;
      const isInVrf = slaveKind === "vrf" && slaveData !== undefined;
      const read = (type: number): boolean =>
        type === IFLA_INFO.slaveData
          ? isPort || isInVrf
          : type === IFLA_INFO.kind || type === IFLA_INFO.data || type === IFLA_INFO.slaveKind;
      const unknown = splitAttrs(b).flatMap((a) =>
        read(a.type & ~NLA_F_NESTED) ? [] : [{ type: a.type, data: new Uint8Array(a.data) }],
      );
      const port: Port = {
        ...(slaveKind === undefined ? {} : { slaveKind }),
        ...(isPort ? { port: bridgePort.read(slaveData) } : {}),
        ...(isInVrf ? { vrfPort: vrfPort.read(slaveData) } : {}),
        ...(unknown.length > 0 ? { unknown } : {}),
      };
      const data = found.get(IFLA_INFO.data);
      if (!data) return { kind, ...port };
      if (isKnown(kind)) return { kind, data: kinds[kind].read(data), ...port } as LinkInfo<P>;
      return { kind, rawData: new Uint8Array(data), ...port };
    },
    write: (v) => {
      const parts: Uint8Array[] = [];
      if (v.kind !== "") parts.push(writeAttr(IFLA_INFO.kind, chars.write(v.kind)));
      if ("rawData" in v && v.rawData) parts.push(writeAttr(IFLA_INFO.data | NLA_F_NESTED, v.rawData));
      if ("data" in v && v.data && isKnown(v.kind)) {
        const codec: Codec<unknown> = kinds[v.kind];
        parts.push(writeAttr(IFLA_INFO.data | NLA_F_NESTED, codec.write(v.data)));
      }
      if (v.slaveKind !== undefined) parts.push(writeAttr(IFLA_INFO.slaveKind, str.write(v.slaveKind)));
      if (v.port) parts.push(writeAttr(IFLA_INFO.slaveData | NLA_F_NESTED, bridgePort.write(v.port)));
      if (v.vrfPort) parts.push(writeAttr(IFLA_INFO.slaveData | NLA_F_NESTED, vrfPort.write(v.vrfPort)));
      for (const a of v.unknown ?? []) parts.push(writeAttr(a.type, a.data));
      return concatBytes(parts);
    },
  };
};
