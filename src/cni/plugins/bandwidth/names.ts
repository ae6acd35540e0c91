/** Names of the devices that a pod's traffic is led through. Pure. */
import { markOf, type Owner } from "../../mark.ts";

export type Way = "ingress" | "egress";

const prefixes = { egress: "bwp", ingress: "bwi" } as const;

const digest = (how: "sha256" | "sha512", text: string): string =>
  new Bun.CryptoHasher(how).update(text).digest("hex").slice(0, 12);

/** The same for an attachment whenever it is asked, and another's for another interface of the same pod. */
export const ifbName = (owner: Owner, way: Way): string => `${prefixes[way]}${digest("sha256", markOf(owner))}`;

/** What the reference calls its own. */
export const referenceIfbName = ({ network, containerId }: Owner): string =>
  `bwp${digest("sha512", network + containerId)}`;
