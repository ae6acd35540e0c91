/** What ADD does, as steps: the VRF, the interface in it, and what joining took from it. Pure. */
import { cidrFamily } from "../../../base/cidr.ts";
import { routeTables } from "../../../kernel/codec/route/route.ts";
import { regain } from "../../../net/losses.ts";
import type { Step } from "../../../net/plan/step.ts";
import { vrfMark } from "../../mark.ts";
import type { Request } from "../../spec/types.ts";
import type { VrfConfig } from "./parse.ts";
import type { State } from "./state.ts";

/** Makes the VRF, or brings up one that is there. */
export const planVrf = ({ netns, network, config: { vrf } }: Request<VrfConfig>, { there, table }: State): Step[] => {
  if (there) return there.up ? [] : [{ do: "link.set", in: netns, name: vrf, set: { up: true } }];
  const link = { name: vrf, info: { kind: "vrf" as const, data: { table } }, alias: vrfMark(network) };
  return [
    { do: "link.add", in: netns, link },
    { do: "link.set", in: netns, name: vrf, set: { up: true }, fresh: true },
  ];
};

/** Joining takes the interface down and up: its addresses of IPv6 may go, and its routes do. */
export const planJoin = (r: Request<VrfConfig>, { table, losses, up }: State): Step[] => {
  const join: Step = { do: "link.set", in: r.netns, name: r.ifname, set: { master: r.config.vrf } };
  // An address that was in use has passed detection, and need not wait for it again.
  const addresses = losses.addresses.map((a) => (cidrFamily(a.address) === 6 ? { ...a, nodad: true } : a));
  // A route of a table that someone chose stays in it.
  const routes = losses.routes.map((route) => (route.table === routeTables.main ? { ...route, table } : route));
  return [join, ...regain(r.netns, { addresses, routes: up ? routes : [] })];
};
