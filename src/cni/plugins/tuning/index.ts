/**
 * Meta plugin `tuning`: sysctls and link attributes of the pod's interface. What was there before is kept in a file, and
 * put back by DEL: an interface of the host's that the pod had only borrowed goes home as it came.
 */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import * as systemFiles from "../../../kernel/os/files.ts";
import { applyEach, type Failed } from "../../../net/apply.ts";
import { needValidAttachments } from "../../attach/refusals.ts";
import { openIfThere } from "../../attach/veths.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import { parseBackup } from "./backup.ts";
import { defaultAllowlist, type TuningConfig } from "./config.ts";
import { face } from "./face.ts";
import type { TuningHost } from "./host.ts";
import { tuningKeys } from "./keys.ts";
import { parseConfig } from "./parse.ts";
import { planRestore } from "./plan.ts";
import { Store } from "./store.ts";

type R = Request<TuningConfig>;

const del = (r: R, { kernel, log }: Ports, store: Store): void => {
  const text = store.read(r);
  const backup = text === undefined ? undefined : parseBackup(text);
  // Another network's attachment of that name is not ours to undo.
  if (backup?.network !== undefined && backup.network !== r.network) return;
  if (text !== undefined && !backup) log(`${store.path(r)} cannot be read, nothing is put back`);
  if (backup && openIfThere(kernel, r.netns)) {
    const { failed } = applyEach(kernel, planRestore(r, backup));
    for (const f of failed) if (!isGone(f) && isRefused(f)) log(`left as it is: ${messageOf(f)}`);
    const errors = failed.filter((f) => !isGone(f) && !isRefused(f)).map((f) => f.error);
    if (errors.length > 0) throw joinFaults(errors);
  }
  store.remove(r);
};

const messageOf = ({ error }: Failed): string => (error instanceof Error ? error.message : String(error));

const isGone = ({ error }: Failed): boolean =>
  error instanceof FaultError &&
  (error.fault.kind === "not-found" || (error.fault.kind === "io" && error.fault.errno === "ENOENT"));

/** The kernel will not have the value, now or later: no reason to keep the pod from going. */
const isRefused = ({ error }: Failed): boolean =>
  error instanceof FaultError &&
  (error.fault.kind === "kernel" || error.fault.kind === "io") &&
  final.has(error.fault.errno);
const final: ReadonlySet<string> = new Set(
  "EINVAL ERANGE EIO EBUSY EOPNOTSUPP EADDRNOTAVAIL EACCES EPERM EROFS".split(" "),
);

/** The plugin on given files: the machine's own, or a test's. */
export const tuningOn = (host: TuningHost): Plugin<TuningConfig> => {
  const storeOf = (r: R): Store => new Store(host.files, r.config.dataDir);
  return {
    ...face,
    keys: tuningKeys,
    parse: parseConfig,
    add: async (r, ports) => {
      // Few hosts have a list, and reading one takes regular expressions.
      if (r.config.sysctls.length > 0 && host.files.findStat(host.allowlist))
        (await import("./allowlist.ts")).needAllowed(host, r.config.sysctls);
      return add(r, ports, storeOf(r));
    },
    del: async (r, ports) => del(r, ports, storeOf(r)),
    check: async (r, ports) => (await import("./check.ts")).check(r, ports, storeOf(r)),
    gc: async (r) => storeOf(r).removeOthers(r.network, needValidAttachments(r)),
    status: async (r, ports) => (await import("./status.ts")).status(r, ports, host),
  };
};

export const tuning = tuningOn({ files: systemFiles, allowlist: defaultAllowlist });
