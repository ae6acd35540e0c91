/**
 * Traffic control: RTM_*QDISC, RTM_*TCLASS, RTM_*TFILTER (linux/rtnetlink.h, struct tcmsg). `tc`. The kind decides how
 * the options read.
 */
import { at, attrs, body, type RawAttr, splitAttrs } from "../attrs.ts";
import { type Codec, n64, raw, s32, str, u8, u16, u32 } from "../codec.ts";
import { struct } from "../struct.ts";
import { classKinds, filterKinds, qdiscKinds } from "../tc-kinds/registry.ts";

export const RTM_QDISC = { new: 36, del: 37, get: 38 } as const;
export const RTM_CLASS = { new: 40, del: 41, get: 42 } as const;
export const RTM_FILTER = { new: 44, del: 45, get: 46 } as const;

/** TC_H_*: places that are no handle of a qdisc or class. */
export const tcPlaces = {
  root: 0xffff_ffff,
  /** Where `ingress` and `clsact` hang. */
  clsact: 0xffff_fff1,
  /** Their hooks, for filters. */
  ingress: 0xffff_fff2,
  egress: 0xffff_fff3,
} as const;

/** Handle of what hangs at `tcPlaces.clsact`: always this. */
export const clsactHandle = 0xffff_0000;

const tcmsg = struct({ family: u8, _pad1: u8, _pad2: u16, ifindex: s32, handle: u32, parent: u32, info: u32 });

const basic = struct({ bytes: n64, packets: u32, _pad: u32 });
const queue = struct({ qlen: u32, backlog: u32, drops: u32, requeues: u32, overlimits: u32 });
type Basic = ReturnType<typeof basic.read>;
type Queue = ReturnType<typeof queue.read>;
const statistics = attrs(
  { basic: at<Basic>(1, basic as Codec<Basic>), queue: at<Queue>(3, queue as Codec<Queue>) },
  { unknown: "keep" },
);

const common = attrs(() => ({
  kind: at(1, str),
  options: at(2, raw),
  statistics: at(7, statistics),
  chain: at(11, u32),
}));
const message = body(tcmsg, common);

type Options = { readonly [kind: string]: { read(b: Uint8Array): object; write(v: never): Uint8Array } };
type ValueOf<C> = C extends { read(b: Uint8Array): infer T } ? T : never;
/** A kind with its options: `data` where we know it, the bytes as they are where not. */
export type TcInfo<K extends Options> =
  | { [N in keyof K & string]: { readonly kind: N; readonly data?: ValueOf<K[N]> } }[keyof K & string]
  | { readonly kind: string; readonly rawData?: Uint8Array };

interface Head {
  readonly family: number;
  readonly ifindex: number;
  readonly handle: number;
  readonly parent: number;
  readonly info: number;
}
interface Rest {
  readonly statistics?: ReturnType<typeof statistics.read> | undefined;
  readonly chain?: number | undefined;
  readonly unknown?: readonly RawAttr[];
}
export type TcMessage<K extends Options> = Head & Rest & (TcInfo<K> | { readonly kind?: undefined });

const codecOf = <K extends Options>(kinds: K) => {
  const known = (kind: string | undefined): Codec<object> | undefined =>
    kind !== undefined && Object.hasOwn(kinds, kind) ? (kinds[kind] as unknown as Codec<object>) : undefined;
  return {
    read: (b: Uint8Array): TcMessage<K> => {
      const { options, kind, ...rest } = message.read(b);
      const codec = known(kind);
      const told = options && (codec ? { data: codec.read(options) } : { rawData: options });
      return { ...rest, ...(kind !== undefined && { kind }), ...told } as TcMessage<K>;
    },
    write: (value: Partial<Head> & Rest & (TcInfo<K> | { readonly kind?: undefined })): Uint8Array => {
      const { data, rawData, ...rest } = value as Partial<Head> &
        Rest & { kind?: string; data?: object; rawData?: Uint8Array };
      const options = data === undefined ? rawData : known(rest.kind)?.write(data);
      return message.write({ ...rest, options });
    },
    locate: (b: Uint8Array, offset: number): string | undefined => {
      const kind = splitAttrs(b.subarray(tcmsg.size)).find((a) => a.type === 1);
      const options = known(kind && str.read(kind.data)) ?? raw;
      return body(tcmsg, attrs({ kind: at(1, str), options: at<unknown>(2, options), chain: at(11, u32) })).locate(
        b,
        offset,
      );
    },
  };
};

export const qdisc = codecOf(qdiscKinds);
export const tclass = codecOf(classKinds);
export const tfilter = codecOf(filterKinds);

export type QdiscInfo = TcInfo<typeof qdiscKinds>;
export type ClassInfo = TcInfo<typeof classKinds>;
export type FilterInfo = TcInfo<typeof filterKinds>;
