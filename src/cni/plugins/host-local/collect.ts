/** DEL and GC: giving addresses back. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import type { Attachment } from "../../spec/types.ts";
import { ownerText, type Store } from "./store.ts";

/** Everything held by (container, interface); what an early reference wrote has no interface and is looked for second. */
export const releaseOwner = (store: Store, containerId: string, ifname: string): void => {
  for (const owner of [ownerText(containerId, ifname), containerId]) {
    const held = store.held(owner);
    for (const ip of held) store.release(ip, owner);
    if (held.length > 0) return;
  }
};

/**
 * Releases what no valid attachment holds, in or out of the configured ranges; goes on after an error and reports all.
 * @throws FaultError bad-config when there is no list
 */
export const releaseOthers = (store: Store, valid: readonly Attachment[]): void => {
  const owners = new Set(valid.flatMap((a) => [ownerText(a.containerId, a.ifname), a.containerId]));
  const { held, empty } = store.survey();
  const gone = [...held.filter((r) => !owners.has(r.owner)), ...empty.map((ip) => ({ ip, owner: "" }))];
  const failed: unknown[] = [];
  for (const { ip, owner } of gone)
    try {
      store.release(ip, owner);
    } catch (error) {
      failed.push(error);
    }
  if (failed.length > 0) throw joinFaults(failed);
};

/** @throws FaultError bad-config: nothing known is not the same as nothing alive */
export const needAttachments = (valid: readonly Attachment[] | undefined): readonly Attachment[] => {
  if (valid) return valid;
  throw new FaultError({
    kind: "bad-config",
    at: "cni.dev/valid-attachments",
    why: "GC needs the list of attachments that live; without one nothing is removed",
  });
};
