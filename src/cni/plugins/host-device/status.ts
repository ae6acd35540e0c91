/** STATUS: would an ADD succeed? Nothing is changed. */
import { FaultError } from "../../../base/fault.ts";
import { accessSync, existsSync, W_OK } from "../../../kernel/os/files.ts";
import { needPrivileges } from "../../attach/status.ts";
import type { Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import type { HostDeviceConfig } from "./config.ts";
import { findDevice, findStray, refuseUnfit } from "./find.ts";
import { treeAt } from "./sysfs.ts";

type R = Request<HostDeviceConfig>;

/** @throws FaultError unavailable, when an ADD now would fail */
export const status = async (r: R, { kernel, delegate, sysfs }: Ports): Promise<void> => {
  const { named, dataDir, ipam } = r.config;
  needPrivileges(kernel);
  needWritable(dataDir);
  // One that the runtime chooses is known only when it has chosen.
  if (named) {
    const device = findDevice(kernel.host, named, treeAt(sysfs ?? "/sys"));
    if (!findStray(kernel.host, named, device)) asUnavailable(() => refuseUnfit(named, device, dataDir));
  }
  if (ipam !== undefined) await delegate.status(ipam, r);
};

const needWritable = (dataDir: string): void => {
  let folder = dataDir;
  while (folder !== "/" && !existsSync(folder)) folder = folder.slice(0, folder.lastIndexOf("/")) || "/";
  asUnavailable(() => accessSync(folder, W_OK));
};

const asUnavailable = (act: () => void): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    const { fault } = error;
    throw new FaultError({
      kind: "unavailable",
      why: error.message,
      ...("fix" in fault && fault.fix && { fix: fault.fix }),
    });
  }
};
