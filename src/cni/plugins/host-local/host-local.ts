/** IPAM plugin `host-local`: addresses from ranges in the config, remembered in files of this host. */
import { FaultError } from "../../../base/fault.ts";
import type { Plugin } from "../../plugin.ts";
import type { Dns, Request, Result } from "../../spec/types.ts";
import { allocate } from "./allocate.ts";
import { needAttachments, releaseOthers, releaseOwner } from "./collect.ts";
import { type HostLocalConfig, parseConfig } from "./config.ts";
import { type Disk, errnoIn, systemDisk } from "./disk.ts";
import { face } from "./face.ts";
import { hostLocalKeys } from "./keys.ts";
import { parseResolvConf } from "./resolv-conf.ts";
import { Store } from "./store.ts";

type R = Request<HostLocalConfig>;

/** The plugin on a given disk: the machine's own, or a test's. */
export const hostLocalOn = (disk: Disk): Plugin<HostLocalConfig> => {
  const readDns = (path: string | undefined): Dns => {
    if (path === undefined) return {};
    try {
      return parseResolvConf(disk.files.readFileSync(path));
    } catch (error) {
      const fix = `ls -l ${path}, or take ipam.resolvConf out of the config`;
      throw new FaultError(
        { kind: "io", op: "read ipam.resolvConf", path, errno: errnoIn(error) ?? "EIO", fix },
        error,
      );
    }
  };
  /** Nothing to do where nothing was ever reserved. */
  const onStore = (r: R, act: (store: Store) => void): void => {
    Store.use(disk, r.config.dataDir, r.network, false, act);
  };
  const add = (r: R): Result => {
    const dns = readDns(r.config.resolvConf);
    const given = Store.use(disk, r.config.dataDir, r.network, true, (store) => allocate(store, r.config, r)) ?? [];
    const ips = given.map(({ ip, range }) => ({
      address: { ip, prefix: range.subnet.prefix },
      ...(range.gateway && { gateway: range.gateway }),
    }));
    return { interfaces: [], ips, routes: r.config.routes, dns };
  };
  return {
    ...face,
    keys: hostLocalKeys,
    parse: parseConfig,
    add: async (r) => add(r),
    del: async (r) => onStore(r, (store) => releaseOwner(store, r.containerId, r.ifname)),
    check: async (r) => (await import("./health.ts")).checkReserved(disk, r.config, r),
    gc: async (r) => {
      const valid = needAttachments(r.validAttachments);
      onStore(r, (store) => releaseOthers(store, valid));
    },
    status: async (r) => (await import("./health.ts")).checkRoom(disk, r.config, r.network),
  };
};

export const hostLocal = hostLocalOn(systemDisk);
