/** DEL of a pod on a veth: masquerading, link and address go in an order in which nothing is done to another pod. */
import { removeMasquerade } from "../filter/masquerade.ts";
import type { Ports } from "../plugin.ts";
import type { Request } from "../spec/types.ts";
import { each } from "./each.ts";
import { givingBack } from "./give-back.ts";
import { removeVeth } from "./veths.ts";

export interface VethConfig {
  readonly ipam?: string;
  readonly masquerade: boolean;
}

/** `more`: what else goes once the link is gone, all of it before the address is free. */
export const delVeth = async (
  r: Request<VethConfig>,
  { kernel, delegate }: Ports,
  more: () => void = () => {},
): Promise<void> => {
  const giveBack = givingBack(delegate, r.config.ipam, r);
  // Not free while something may still be done to it as the pod's.
  let isFree = false;
  // First, so that what the kernel has to wait for before it frees an element passes while it frees the link.
  const unmask = (): void => {
    removeMasquerade(
      kernel,
      r,
      r.prevResult?.ips.map((ip) => ip.address.ip),
      r.config.masquerade,
    );
    isFree = true;
  };
  await each(unmask, giveBack.before, async () => {
    // The address goes after the link and the rules about it: else a second pod could be given it while the first still
    // has it, or be treated as the first.
    removeVeth(kernel, r);
    more();
    if (isFree) await giveBack.after();
  });
};
