/** CHECK and STATUS: questions that change nothing. */
import { dirname } from "node:path/posix";
import { FaultError } from "../../../base/fault.ts";
import { type Ip, tryIp } from "../../../base/ip.ts";
import { W_OK, X_OK } from "../../../kernel/os/files.ts";
import type { Result } from "../../spec/types.ts";
import { firstFree, rangeFull } from "./allocate.ts";
import type { HostLocalConfig } from "./config.ts";
import { type Disk, errnoIn, unlessMissing } from "./disk.ts";
import { IndexFile } from "./index-file.ts";
import { type RangeSet, rangeOf, setText } from "./ranges.ts";
import { indexPath, ownerText } from "./store.ts";
import { addressNames, fromEarlierBoot, readOwner, survey } from "./survey.ts";

export interface Checked {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  readonly prevResult?: Result;
}

/** @throws FaultError not-found, differs */
export const checkReserved = (disk: Disk, config: HostLocalConfig, who: Checked): void => {
  const dir = `${config.dataDir}/${who.network}`;
  const owners = [ownerText(who.containerId, who.ifname), who.containerId];
  const whose = `${who.ifname} of container ${who.containerId}`;
  const isOurs = (ip: Ip): boolean => owners.includes(readOwner(disk.files, `${dir}/${ip}`) ?? "");
  if (!who.prevResult) {
    const names = unlessMissing(() => addressNames(disk.files, dir)) ?? [];
    if (names.some(isOurs)) return;
    throw new FaultError({ kind: "not-found", what: `address of ${whose}`, why: `none is reserved in ${dir}` });
  }
  for (const set of config.sets) checkSet(set, who.prevResult, { whose, dir, isOurs, disk });
};

interface Where {
  readonly whose: string;
  readonly dir: string;
  readonly disk: Disk;
  isOurs(ip: Ip): boolean;
}

const checkSet = (set: RangeSet, result: Result, { whose, dir, disk, isOurs }: Where): void => {
  const given = result.ips.map((x) => x.address.ip).filter((ip) => rangeOf(set, ip));
  if (given.length === 0)
    throw new FaultError({
      kind: "not-found",
      what: `address of ${whose}`,
      why: `prevResult has none of range ${setText(set)}`,
    });
  for (const ip of given) {
    if (isOurs(ip)) continue;
    const seen = readOwner(disk.files, `${dir}/${ip}`)?.replace("\r\n", " ") || "free";
    throw new FaultError({ kind: "differs", what: `reservation of ${ip}`, seen, want: whose });
  }
};

/** @throws FaultError unavailable, when an ADD now would fail */
export const checkRoom = (disk: Disk, config: HostLocalConfig, network: string): void => {
  const dir = `${config.dataDir}/${network}`;
  checkWritable(disk, dir);
  let alive: ReadonlySet<string> | undefined;
  const list = () => {
    alive ??= aliveNames(disk, config.dataDir, network);
    return alive;
  };
  for (const [i, set] of config.sets.entries()) {
    const last = tryIp(readOwner(disk.files, `${dir}/last_reserved_ip.${i}`) ?? "");
    const quick = firstFree(set, last, (ip) => disk.files.existsSync(`${dir}/${ip}`), list);
    if (!("held" in quick)) continue;
    const sure = firstFree(set, last, (ip) => list().has(ip), list);
    if (!("held" in sure)) continue;
    const { fault, message } = rangeFull(network, set, sure.held);
    throw new FaultError({ kind: "unavailable", why: message, ...("fix" in fault && fault.fix && { fix: fault.fix }) });
  }
};

/** Addresses that an ADD would find taken: not those that it would free first. */
const aliveNames = (disk: Disk, dataDir: string, network: string): ReadonlySet<string> => {
  const found = unlessMissing(() => survey(disk.files, `${dataDir}/${network}`));
  const index = IndexFile.open(disk.files, indexPath(dataDir, network), "r");
  try {
    const dead = fromEarlierBoot(disk, index, found?.held ?? []);
    return new Set((found?.held ?? []).filter((r) => !dead.has(r)).map((r) => r.ip));
  } finally {
    index?.close();
  }
};

/** The directory, or the nearest one above it that is there, has to take new files. */
const checkWritable = (disk: Disk, dir: string): void => {
  try {
    disk.files.accessSync(dir, W_OK | X_OK);
  } catch (error) {
    const errno = errnoIn(error) ?? "EIO";
    if (errno === "ENOENT" && dirname(dir) !== dir) {
      checkWritable(disk, dirname(dir));
      return;
    }
    throw new FaultError(
      {
        kind: "unavailable",
        why: `addresses cannot be reserved: ${dir} is not writable: ${errno}`,
        fix: `ls -ld ${dir}`,
      },
      error,
    );
  }
};
