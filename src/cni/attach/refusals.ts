/** What every plugin that makes an interface refuses, in the same words. */
import { FaultError } from "../../base/fault.ts";
import type { Netns } from "../../net/kernel.ts";
import { findLink } from "../../net/links.ts";
import { type Attachment, type CniVersion, cniVersions, type Request, type Result } from "../spec/types.ts";
import { atLeast } from "../spec/version.ts";

/** @throws FaultError exists */
export const refuseTaken = (ns: Netns, ifname: string): void => {
  const there = findLink(ns, ifname);
  if (!there) return;
  throw new FaultError({
    kind: "exists",
    what: `interface ${ifname} in ${ns.path}`,
    why: `is there already${there.kind ? ` (${there.kind})` : ""}; ADD makes a new one`,
    fix: `choose another CNI_IFNAME, or DEL the attachment that has it`,
  });
};

/** The results of 0.1.0 and 0.2.0 have no way to say that there is no address: told before anything is made. */
export const refuseSilentVersion = (cniVersion: CniVersion, ipam: string | undefined): void => {
  if (ipam !== undefined || atLeast(cniVersion, "0.3.0")) return;
  throw new FaultError({
    kind: "version",
    got: cniVersion,
    supported: cniVersions.filter((v) => atLeast(v, "0.3.0")),
    why: "a config without ipam needs a newer cniVersion (none at all means 0.1.0)",
  });
};

/** GC's list. @throws FaultError bad-config: no list never means that nothing lives */
export const needValidAttachments = (r: Request<unknown>): readonly Attachment[] => {
  if (r.validAttachments) return r.validAttachments;
  throw new FaultError({
    kind: "bad-config",
    at: "cni.dev/valid-attachments",
    why: "GC needs the list of attachments that live; without one nothing is removed",
  });
};

/** What CHECK compares with. @throws FaultError bad-config */
export const needPrevResult = (r: Request<unknown>): Result => {
  if (r.prevResult) return r.prevResult;
  throw new FaultError({ kind: "bad-config", at: "prevResult", why: `${r.verb} works on it, and there is none` });
};
