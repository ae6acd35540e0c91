/** A link as `ip -j link` prints it, and how much of it is wanted. */
import type { AttrIndex } from "../../kernel/codec/attr-index.ts";
import type { Fields } from "./fields.ts";

export interface LinkRow {
  ifindex: number;
  /** Name of the link below, or of the other end; null: it has none, where it could. */
  link?: string | null;
  /** Its index in another namespace. */
  link_index?: number;
  ifname: string;
  flags: readonly string[];
  mtu?: number;
  qdisc?: string;
  master?: string;
  operstate?: string;
  group?: string;
  link_type?: string;
  address?: string;
  ifalias?: string;
  linkinfo?: { info_kind?: string; info_data?: Fields; info_slave_kind?: string; info_slave_data?: Fields };
  altnames?: readonly string[];
  [more: string]: unknown;
}

export interface LinkForm {
  /** Adds what `ip -d` has: kinds, limits, queues. */
  readonly details?: LinkDetails | undefined;
  /** What stands before the addresses (`ip address`) has a little less. */
  readonly of: "link" | "address";
}

/** Adds what `ip -d` has to a row; `isLink` as in `ip link`. */
export type LinkDetails = (a: AttrIndex, row: LinkRow, isLink: boolean) => void;
