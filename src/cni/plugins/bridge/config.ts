/** The config of `bridge` as values. */
import type { Mac } from "../../../base/mac.ts";
import type { Dns } from "../../spec/types.ts";

/** VLAN IDs from `first` to `last`, both included, 1 to 4094. */
export interface VlanRange {
  readonly first: number;
  readonly last: number;
}

export interface BridgeConfig {
  /** Name of the bridge; made when it is missing, never removed. */
  readonly bridge: string;
  /** The bridge carries the gateway addresses and this host forwards. */
  readonly isGateway: boolean;
  /** The pod's default routes go to that gateway; implies `isGateway`. */
  readonly isDefaultGateway: boolean;
  /** An address of the bridge that stands in the way is taken off. */
  readonly forceAddress: boolean;
  /** Bytes; absent is the kernel's own. */
  readonly mtu?: number;
  readonly hairpin: boolean;
  readonly promisc: boolean;
  readonly isolated: boolean;
  /** What pods send beyond their subnet leaves under this host's address. */
  readonly masquerade: boolean;
  /** Frames from the pod must bear its MAC. */
  readonly macSpoofCheck: boolean;
  /** VLAN of the pod's untagged frames. */
  readonly vlan?: number;
  /** VLANs that the pod may tag, in order, none twice. */
  readonly trunk: readonly VlanRange[];
  /** The bridge's default VLAN stays on the port. */
  readonly keepDefaultVlan: boolean;
  /** Addresses wait for duplicate address detection. */
  readonly dad: boolean;
  /** False leaves the pod's end down. */
  readonly containerUp: boolean;
  /** Of the pod's end; absent is a random one. */
  readonly mac?: Mac;
  /** Type of the IPAM plugin; absent is layer 2 only. */
  readonly ipam?: string;
  readonly dns: Dns;
}

/** True when the bridge has to filter VLANs. */
export const wantsVlans = (c: BridgeConfig): boolean => c.vlan !== undefined || c.trunk.length > 0;

/** Where the gateway addresses stand: on the bridge, or in the pod's VLAN. */
export const gatewayLink = (c: BridgeConfig): string => (c.vlan === undefined ? c.bridge : `${c.bridge}.${c.vlan}`);
