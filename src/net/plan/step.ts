/**
 * Steps: every change to a kernel that podwire can make, as data. Deciding gives steps; `render` shows each as the line
 * a person would have typed; `apply` carries it out. A step without a renderer or an executor does not compile.
 */
import type { AddressSpec } from "../addresses.ts";
import type { VlanSpec } from "../bridge-vlans.ts";
import type { FdbSpec } from "../fdb.ts";
import type { LinkChange, LinkSpec, PortChange } from "../links.ts";
import type { NeighbourSpec } from "../neighbours.ts";
import type { NftChange } from "../nft/types.ts";
import type { RouteSpec } from "../routes.ts";
import type { RuleSpec } from "../rules.ts";
import type { ClassSpec } from "../tc/classes.ts";
import type { FilterPlace, FilterSpec } from "../tc/filters.ts";
import type { QdiscPlace, QdiscSpec } from "../tc/qdiscs.ts";
import type { TunSpec } from "../tuns.ts";

export interface Steps {
  /** `orExists`: one that is there already will do, and is not undone. */
  "link.add": { readonly link: LinkSpec; readonly orExists?: boolean };
  /** `fresh`: of a link that this very plan makes, so that taking that back takes this back. Saves reading what was. */
  "link.set": { readonly name: string; readonly set: LinkChange; readonly fresh?: boolean };
  /** `orGone`: none there will do. */
  "link.del": { readonly name: string; readonly orGone?: boolean };
  /** A tap device that stays when its maker is gone. */
  "tun.add": { readonly tun: TunSpec };
  "port.set": { readonly name: string; readonly set: PortChange; readonly fresh?: boolean };
  "vlan.add": { readonly vlan: VlanSpec };
  "vlan.del": { readonly vlan: VlanSpec; readonly orGone?: boolean };
  "address.add": { readonly address: AddressSpec; readonly orExists?: boolean };
  "address.del": { readonly address: AddressSpec };
  "route.add": { readonly route: RouteSpec; readonly orExists?: boolean };
  "route.replace": { readonly route: RouteSpec };
  /** Beside others of the same destination (ECMP, metrics). */
  "route.append": { readonly route: RouteSpec; readonly orExists?: boolean };
  "route.del": { readonly route: RouteSpec };
  "rule.add": { readonly rule: RuleSpec };
  "rule.del": { readonly rule: RuleSpec };
  "neighbour.replace": { readonly neighbour: NeighbourSpec };
  "neighbour.del": { readonly neighbour: NeighbourSpec };
  "fdb.append": { readonly fdb: FdbSpec };
  "fdb.del": { readonly fdb: FdbSpec };
  /**
   * `orUnknown`: goes without when the kernel has no such kind. `orExists`: one that is there already will do. `fresh`: on
   * something that this very plan makes.
   */
  "qdisc.add": {
    readonly qdisc: QdiscSpec;
    readonly orUnknown?: boolean;
    readonly orExists?: boolean;
    readonly fresh?: boolean;
  };
  "qdisc.change": { readonly qdisc: QdiscSpec };
  "qdisc.del": { readonly qdisc: QdiscPlace; readonly orGone?: boolean };
  "class.add": { readonly class: ClassSpec };
  "class.del": { readonly class: Pick<ClassSpec, "link" | "classid"> };
  /** `fresh`: the first of its number. */
  "filter.add": { readonly filter: FilterSpec; readonly fresh?: boolean };
  "filter.del": { readonly filter: FilterPlace; readonly orGone?: boolean };
  /** `name` with slashes: `net/ipv4/ip_forward`. `fresh` as with `link.set`. */
  "sysctl.set": {
    readonly name: string;
    readonly value: string;
    readonly orMissing?: boolean;
    readonly fresh?: boolean;
  };
  /**
   * One transaction of nf_tables: all of the changes, or none. `generation`: none, too, when any ruleset has changed since
   * (`generation()` in net/nft).
   */
  nft: { readonly changes: readonly NftChange[]; readonly generation?: number };
  /** `path` below /run/netns, or any other place for a bind mount. */
  "netns.add": { readonly path: string };
  "netns.del": { readonly path: string };
}

export type StepName = keyof Steps;
/** `in` is the path of the namespace it happens in; empty is the one we run in. */
export type Step<K extends StepName = StepName> = { [A in K]: { readonly do: A; readonly in: string } & Steps[A] }[K];
