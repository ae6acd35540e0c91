/** The pieces of the underlay: a bridge is one, a router joins two. Addresses count from the node's number. */
import { type Cidr, parseCidr } from "../../base/cidr.ts";
import { ipAdd } from "../../base/ip.ts";
import type { LabFamily, UnderlayKind } from "./schema.ts";

export interface SegmentSubnet {
  readonly cidr: Cidr;
  /** Where the router is, when there is one. */
  readonly router: Cidr;
  /** Address of the node of that number, from 1. */
  readonly host: (n: number) => Cidr;
}

export interface Segment {
  /** One for each family. */
  readonly subnets: readonly SegmentSubnet[];
}

const segment = (family: LabFamily, third: number): Segment => {
  const subnet = (text: string): SegmentSubnet => {
    const cidr = parseCidr(text);
    const host = (n: number): Cidr => ({ ip: ipAdd(cidr.ip, n), prefix: cidr.prefix });
    return { cidr, host, router: host(254) };
  };
  return {
    subnets: [
      ...(family === "ipv6" ? [] : [subnet(`192.168.${third}.0/24`)]),
      ...(family === "ipv4" ? [] : [subnet(`fd00:192:168:${third}::/64`)]),
    ],
  };
};

export const segmentsOf = (underlay: UnderlayKind, family: LabFamily): Segment[] =>
  (underlay === "router" ? [50, 51] : [50]).map((third) => segment(family, third));
