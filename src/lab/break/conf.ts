/** A node's network config with other ranges. */
import { type ConfRange, chosenConf, confDir, rangesOf } from "../../node/reads/network-confs.ts";
import type { FileChange, Ground } from "./fault.ts";

interface RangeText {
  readonly subnet: string;
  readonly rangeEnd?: string;
}

/** The one that the lab made, with `change` of its ranges. */
export const changedConf = (
  { host, at }: Ground,
  change: (ranges: readonly ConfRange[]) => readonly RangeText[],
): FileChange[] => {
  const path = `${confDir}/${at.confFile.slice(at.confDir.length + 1)}`;
  const conf = JSON.parse(host.read(path) ?? "{}") as { ipam?: { dataDir?: string } };
  const ipam = {
    type: "host-local",
    ranges: change(rangesOf(chosenConf(host))).map((range) => [range]),
    dataDir: conf.ipam?.dataDir,
  };
  return [{ path, to: { text: `${JSON.stringify({ ...conf, ipam }, null, 2)}\n` } }];
};
