/** Can this bridge, and can this kernel's bridges, keep VLANs apart? */
import { FaultError } from "../../../base/fault.ts";
import type { Link } from "../../../net/links.ts";

/** What the bridge says of its VLANs; undefined when the kernel was built without them. */
const vlansOf = (bridge: Link): { filtering: boolean; defaultPvid: number } | undefined => {
  const data = bridge.info?.kind === "bridge" && "data" in bridge.info ? bridge.info.data : undefined;
  return data?.vlanDefaultPvid === undefined
    ? undefined
    : { filtering: data.vlanFiltering === 1, defaultPvid: data.vlanDefaultPvid };
};

/** The VLAN that a new port is put in; the kernel's default when the bridge does not exist yet. */
export const defaultPvid = (bridge: Link | undefined): number => (bridge && vlansOf(bridge)?.defaultPvid) ?? 1;

/** @throws FaultError unavailable, differs */
export const needsVlanFiltering = (bridge: Link): void => {
  const vlans = vlansOf(bridge);
  if (!vlans) throw noVlans();
  // Not switched on by us: on a bridge in use that cuts off every port that has no VLAN.
  if (!vlans.filtering)
    throw new FaultError({
      kind: "differs",
      what: `vlan_filtering of bridge ${bridge.name}`,
      seen: "0",
      want: "1, since the config has a vlan",
      fix: `ip link set dev ${bridge.name} type bridge vlan_filtering 1`,
    });
};

export const noVlans = (cause?: unknown): FaultError =>
  new FaultError(
    {
      kind: "unavailable",
      why: "the bridge of this kernel cannot filter VLANs, and the config has a vlan",
      fix: "boot a kernel with CONFIG_BRIDGE_VLAN_FILTERING, or leave out vlan and vlanTrunk",
    },
    cause,
  );
