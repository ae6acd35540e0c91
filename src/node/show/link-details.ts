/** What `ip -d link` adds: limits, queues, and what a link's kind has to say. */
import { AttrIndex } from "../../kernel/codec/attr-index.ts";
import { type Field, type Fields, fields, type See, text, u32 } from "./fields.ts";
import { kinds, ports } from "./kinds/registry.ts";
import type { LinkDetails, LinkRow } from "./link-row.ts";

/** IFLA_LINKINFO, and in it. */
const [LINKINFO, AF_SPEC] = [18, 26];
const INFO = { kind: 1, data: 2, portKind: 4, portData: 5 } as const;
const AF_INET6 = 10;
const INET6_ADDR_GEN_MODE = 8;
const genModes = ["eui64", "none", "stable_secret", "random"] as const;

const before: readonly Field[] = [
  [30, "promiscuity", u32],
  [61, "allmulti", u32],
  [50, "min_mtu", u32],
  [51, "max_mtu", u32],
  [67, "netns-immutable", (a, t) => (a.u8(t) ? true : undefined)],
];
const hexBytes = (a: AttrIndex, t: number): string => a.mac(t)!.replaceAll(":", "");
const after: readonly Field[] = [
  [31, "num_tx_queues", u32],
  [32, "num_rx_queues", u32],
  [41, "gso_max_size", u32],
  [40, "gso_max_segs", u32],
  [59, "tso_max_size", u32],
  [60, "tso_max_segs", u32],
  [58, "gro_max_size", u32],
  [63, "gso_ipv4_max_size", u32],
  [64, "gro_ipv4_max_size", u32],
  [38, "phys_port_name", text],
  [34, "phys_port_id", hexBytes],
  [36, "phys_switch_id", hexBytes],
  [57, "parentbus", text],
  [56, "parentdev", text],
];

export const linkDetails = (see: See): LinkDetails => {
  const info = new AttrIndex(5);
  const data = new AttrIndex(63);
  const spec = new AttrIndex(AF_INET6);
  const [first, last] = [fields(before), fields(after)];

  const linkinfo = (a: AttrIndex, row: LinkRow): void => {
    if (!a.nested(LINKINFO, info)) return;
    const out: NonNullable<LinkRow["linkinfo"]> = {};
    const kind = info.text(INFO.kind);
    if (kind !== undefined) {
      out.info_kind = kind;
      const show = kinds[kind];
      if (show) {
        out.info_data = {};
        if (info.nested(INFO.data, data)) show(data, out.info_data, see);
      }
    }
    const port = info.text(INFO.portKind);
    if (port !== undefined) {
      out.info_slave_kind = port;
      const show = ports[port];
      if (show) {
        out.info_slave_data = {};
        if (info.nested(INFO.portData, data)) show(data, out.info_slave_data, see);
      }
    }
    row.linkinfo = out;
  };

  return (a, row, isLink) => {
    first(a, row as Fields, see);
    linkinfo(a, row);
    if (isLink && a.nested(AF_SPEC, spec) && spec.nested(AF_INET6, data)) {
      const mode = data.u8(INET6_ADDR_GEN_MODE);
      if (mode !== undefined) row.inet6_addr_gen_mode = genModes[mode] ?? `0x${mode.toString(16).padStart(2, "0")}`;
    }
    last(a, row as Fields, see);
  };
};
