/** What is shown of each kind of link (`info_data`), and of a link that belongs to one (`info_slave_data`), by `ip`'s names. */
import type { Show } from "../fields.ts";
import { bridge, bridgePort } from "./bridge.ts";
import { geneve, vxlan } from "./tunnels.ts";
import { ipvlan, macvlan, tun, vlan, vrf } from "./upper.ts";

/** A kind that is not here has its name alone. */
export const kinds: Readonly<Record<string, Show>> = {
  bridge,
  vxlan,
  geneve,
  macvlan,
  macvtap: macvlan,
  ipvlan,
  ipvtap: ipvlan,
  vlan,
  vrf,
  tun,
};

export const ports: Readonly<Record<string, Show>> = { bridge: bridgePort, vrf };
