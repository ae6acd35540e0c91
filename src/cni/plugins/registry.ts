/** The plugins of this executable: what each is called and speaks at hand, the rest loaded when it is first asked for. */
import type { Face, Plugin } from "../plugin.ts";
import { face as bandwidth } from "./bandwidth/face.ts";
import { face as bridge } from "./bridge/face.ts";
import { face as dhcp } from "./dhcp/face.ts";
import { face as dummy } from "./dummy/face.ts";
import { face as firewall } from "./firewall/face.ts";
import { face as hostDevice } from "./host-device/face.ts";
import { face as hostLocal } from "./host-local/face.ts";
import { face as ipvlan } from "./ipvlan/face.ts";
import { face as loopback } from "./loopback/face.ts";
import { face as macvlan } from "./macvlan/face.ts";
import { face as portmap } from "./portmap/face.ts";
import { face as ptp } from "./ptp/face.ts";
import { face as sbr } from "./sbr/face.ts";
import { face as staticFace } from "./static/face.ts";
import { face as tap } from "./tap/face.ts";
import { face as tuning } from "./tuning/face.ts";
import { face as vlan } from "./vlan/face.ts";
import { face as vrf } from "./vrf/face.ts";

interface Entry {
  readonly face: Face;
  readonly load: () => Promise<Plugin>;
}

const entries = {
  bandwidth: { face: bandwidth, load: async () => (await import("./bandwidth/index.ts")).bandwidth },
  bridge: { face: bridge, load: async () => (await import("./bridge/index.ts")).bridge },
  dhcp: { face: dhcp, load: async () => (await import("./dhcp/index.ts")).dhcp },
  dummy: { face: dummy, load: async () => (await import("./dummy/index.ts")).dummy },
  firewall: { face: firewall, load: async () => (await import("./firewall/index.ts")).firewall },
  "host-device": { face: hostDevice, load: async () => (await import("./host-device/index.ts")).hostDevice },
  "host-local": { face: hostLocal, load: async () => (await import("./host-local/host-local.ts")).hostLocal },
  ipvlan: { face: ipvlan, load: async () => (await import("./ipvlan/index.ts")).ipvlan },
  loopback: { face: loopback, load: async () => (await import("./loopback/index.ts")).loopback },
  macvlan: { face: macvlan, load: async () => (await import("./macvlan/index.ts")).macvlan },
  portmap: { face: portmap, load: async () => (await import("./portmap/index.ts")).portmap },
  ptp: { face: ptp, load: async () => (await import("./ptp/index.ts")).ptp },
  sbr: { face: sbr, load: async () => (await import("./sbr/index.ts")).sbr },
  static: { face: staticFace, load: async () => (await import("./static/index.ts")).staticAddresses },
  tap: { face: tap, load: async () => (await import("./tap/index.ts")).tap },
  tuning: { face: tuning, load: async () => (await import("./tuning/index.ts")).tuning },
  vlan: { face: vlan, load: async () => (await import("./vlan/index.ts")).vlan },
  vrf: { face: vrf, load: async () => (await import("./vrf/index.ts")).vrf },
} as const satisfies Record<string, Entry>;

export type PluginName = keyof typeof entries;
export const pluginNames = Object.keys(entries) as readonly PluginName[];
export const isPluginName = (name: string): name is PluginName => Object.hasOwn(entries, name);
export const pluginFace = (name: PluginName): Face => entries[name].face;
export const loadPlugin = (name: PluginName): Promise<Plugin> => entries[name].load();
