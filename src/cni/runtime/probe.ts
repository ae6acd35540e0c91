/** VERSION of each plugin of a list: is it there, does it run, does it speak the list's version. */
import { FaultError, faultOf } from "../../base/fault.ts";
import { parseJson } from "../../base/json.ts";
import { reader } from "../../base/json-read.ts";
import { findProgram } from "../plugin-path.ts";
import type { NetworkList } from "../spec/list.ts";
import { cniEnv } from "./plan.ts";
import type { Tools } from "./source.ts";
import type { Probed } from "./types.ts";

/** The types that a list runs, IPAM plugins included, each once. */
export const pluginTypes = (list: NetworkList): string[] => [
  ...new Set(list.plugins.flatMap((p) => [p.type, ...(p.ipam ? [p.ipam] : [])])),
];

export const probe = (tools: Tools, list: NetworkList): Promise<Probed[]> =>
  Promise.all(pluginTypes(list).map((type) => probeOne(tools, list, type)));

const probeOne = async ({ caller }: Tools, list: NetworkList, plugin: string): Promise<Probed> => {
  let about: Probed = { plugin, supportedVersions: [] };
  try {
    about = { ...about, file: findProgram(plugin, caller.path) };
    const supported = await versionsOf(caller.path, plugin, list, caller.call);
    about = { ...about, supportedVersions: supported };
    if (!supported.includes(list.cniVersion))
      throw new FaultError({
        kind: "version",
        got: list.cniVersion,
        supported,
        why: `plugin ${plugin} does not speak the version of network ${list.name}`,
      });
    return about;
  } catch (error) {
    return { ...about, fault: faultOf(error) };
  }
};

/** Old plugins check the other variables even for VERSION, so they get some that pass. */
const dummy = { containerId: "probe", netns: "dummy", ifname: "dummy" };

const versionsOf = async (
  path: readonly string[],
  plugin: string,
  { cniVersion }: NetworkList,
  call: Tools["caller"]["call"],
): Promise<readonly string[]> => {
  try {
    const stdout = await call({ plugin, verb: "VERSION", env: cniEnv("VERSION", path, dummy), stdin: { cniVersion } });
    return reader(parseJson(stdout, `VERSION of ${plugin}`)).strings("supportedVersions") ?? ["0.1.0"];
  } catch (error) {
    // The verb came with 0.2.0; one that does not know it is of 0.1.0.
    const fault = faultOf(error);
    if (fault.kind === "plugin" && fault.msg.includes("unknown CNI_COMMAND")) return ["0.1.0"];
    throw error;
  }
};
