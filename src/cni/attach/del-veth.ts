/** DEL and GC of pods on veths: masquerading, link and address go in an order in which nothing is done to another pod. */
import { removeMasquerade, removeOtherMasquerades } from "../filter/masquerade.ts";
import { removeReferenceMasquerade } from "../filter/reference.ts";
import type { Ports } from "../plugin.ts";
import type { Request } from "../spec/types.ts";
import { each } from "./each.ts";
import { givingBack } from "./give-back.ts";
import { needValidAttachments } from "./refusals.ts";
import { removeOtherVeths, removeVeth } from "./veths.ts";

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
  const whenFree = (act: () => Promise<void>) => async () => {
    if (isFree) await act();
  };
  // First, so that what the kernel has to wait for before it frees an element passes while it frees the link.
  const unmask = (): void => {
    const addresses = r.prevResult?.ips.map((ip) => ip.address.ip);
    removeMasquerade(kernel, r, addresses, r.config.masquerade);
    removeReferenceMasquerade(kernel, r, addresses);
    isFree = true;
  };
  await each(unmask, whenFree(giveBack.before), async () => {
    // The address goes after the link and the rules about it: else a second pod could be given it while the first still
    // has it, or be treated as the first.
    removeVeth(kernel, r);
    more();
    await whenFree(giveBack.after)();
  });
};

/** `more`: what else goes, whether or not all before it went. */
export const gcVeths = async (
  r: Request<VethConfig>,
  { kernel, delegate }: Ports,
  ...more: readonly (() => void)[]
): Promise<void> => {
  const valid = needValidAttachments(r);
  const giveBack = givingBack(delegate, r.config.ipam, r, "gc");
  const gone = { masquerades: false, veths: false };
  await each(
    () => {
      removeOtherMasquerades(kernel, r.network, valid);
      gone.masquerades = true;
    },
    async () => {
      if (gone.masquerades) await giveBack.before();
    },
    () => {
      removeOtherVeths(kernel, r.network, valid);
      gone.veths = true;
    },
    ...more,
    async () => {
      if (gone.masquerades && gone.veths) await giveBack.after();
    },
  );
};
