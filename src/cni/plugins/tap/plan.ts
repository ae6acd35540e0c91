/** What ADD makes in the pod, as steps. Pure. */
import type { Step } from "../../../net/plan/step.ts";
import { markOf } from "../../mark.ts";
import type { Request } from "../../spec/types.ts";
import type { TapConfig } from "./parse.ts";

/** The device, marked and set. Without addresses it goes up at once; with them, when it has them. */
export const planTap = (r: Request<TapConfig>): Step[] => {
  const { owner, group, multiQueue, selinuxContext: context, mtu, mac, bridge, ipam } = r.config;
  const own = {
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
    ...(multiQueue && { multiQueue }),
    ...(context !== undefined && { context }),
  };
  const set = {
    alias: markOf(r),
    ...(mac && { mac }),
    ...(mtu && { mtu }),
    ...(bridge && { master: bridge }),
    ...(ipam === undefined && { up: true }),
  };
  return [
    { do: "tun.add", in: r.netns, tun: { name: r.ifname, ...own } },
    { do: "link.set", in: r.netns, name: r.ifname, set, fresh: true },
  ];
};
