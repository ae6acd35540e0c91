/** A pod's veth pair, as steps. Pure. */
import type { Mac } from "../../base/mac.ts";
import type { Step } from "../../net/plan/step.ts";
import { birthGroup, markOf } from "../mark.ts";
import type { Request } from "../spec/types.ts";

export interface PodVeth {
  /** Name of the host's end. */
  readonly hostName: string;
  readonly hostMac: Mac;
  readonly podMac: Mac;
  /** Bytes, of both ends; absent is the kernel's own. */
  readonly mtu?: number | undefined;
  /** The bridge that the host's end joins. */
  readonly master?: string;
}

// "We own the routes of this link": a pod's router advertisements must not become the host's routes (CVE-2020-10749).
export const noAdvertisements = (name: string, fresh: boolean): Step => ({
  do: "sysctl.set",
  in: "",
  name: `net/ipv6/conf/${name}/accept_ra`,
  value: "0",
  orMissing: true,
  fresh,
});

/** The link's own link-local address is usable at once: till then nothing can be sent to a pod that has not yet spoken. */
export const noDetection = (name: string): Step => ({
  do: "sysctl.set",
  in: "",
  name: `net/ipv6/conf/${name}/accept_dad`,
  value: "0",
  orMissing: true,
  fresh: true,
});

/** Born with its other end in the pod, then marked, joined and set up. */
export const planVeth = (r: Request<unknown>, v: PodVeth): Step[] => {
  const { hostName: name, hostMac, podMac, master } = v;
  const mtu = v.mtu ? { mtu: v.mtu } : {};
  const born = { name, info: { kind: "veth" } as const, mac: hostMac, ...mtu, group: birthGroup(r.network) };
  const set = { alias: markOf(r), group: 0, ...(master && { master }), up: true };
  return [
    { do: "link.add", in: "", link: { ...born, peer: { name: r.ifname, netns: r.netns, mac: podMac, ...mtu } } },
    noAdvertisements(name, true),
    { do: "link.set", in: "", name, set, fresh: true },
  ];
};
