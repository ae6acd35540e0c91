/** Lines of ours in files that are loaded at boot. */
import { chmodSync, chownSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { FaultError, joinFaults } from "../../base/fault.ts";
import type { Host } from "../host.ts";
import type { ManagerName, ManagerPlan } from "./manager.ts";
import { managers } from "./managers/registry.ts";
import { type FirewallRecord, readRecord, writeRecord } from "./record.ts";

/** The whole text or the old one; owner and mode stay. Of a symbolic link it is the file behind that is written. */
const rewrite = (link: string, text: string): void => {
  const path = realpathSync(link);
  const { mode, uid, gid } = statSync(path);
  if (uid !== 0) throw new FaultError({ kind: "unavailable", why: `${path} does not belong to root: left as it is` });
  const part = `${path}.podwire`;
  try {
    rmSync(part, { force: true });
    writeFileSync(part, text, { mode: 0o600, flush: true, flag: "wx" });
    chownSync(part, uid, gid);
    // Set, since the umask would take away from what it is made with.
    chmodSync(part, mode & 0o777);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw joinFaults([error]);
  }
};

export const clearBoot = (host: Host, boot: FirewallRecord["boot"]): void => {
  for (const { manager, path } of boot) {
    const text = host.read(path);
    const clean = managers.find((m) => m.name === manager)?.withoutOurs;
    if (text !== undefined && clean && clean(text) !== text) rewrite(path, clean(text));
  }
};

/** The files that are loaded at boot come last: a host that was locked out is whole again after a reboot. */
export const writeBoot = (host: Host, plans: readonly (ManagerPlan & { readonly manager: ManagerName })[]): void => {
  const record = readRecord();
  const boot = plans.flatMap(({ manager, boot: files }) => files.map(({ path }) => ({ manager, path })));
  const left = record.boot.filter(({ path }) => !boot.some((b) => b.path === path));
  // Before it is done, so that nothing is forgotten in a kill; what is no longer wanted is forgotten after it is gone.
  if (boot.length + left.length > 0) writeRecord({ ...record, boot: [...boot, ...left] });
  clearBoot(host, left);
  for (const { boot: files } of plans)
    for (const { path, withLines } of files) {
      const text = host.read(path) ?? "";
      const wanted = withLines(text);
      if (wanted !== text) rewrite(path, wanted);
    }
  if (left.length > 0) writeRecord({ ...readRecord(), boot });
};
