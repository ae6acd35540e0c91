/** From environment and stdin to a checked request: everything that can be refused before a plugin is asked. */
import { FaultError } from "../base/fault.ts";
import { Reader } from "../base/json-read.ts";
import type { JsonObject } from "../base/json-types.ts";
import { attachmentKeys } from "./spec/derive.ts";
import { decodeResult } from "./spec/result.ts";
import type { Attachment, CniVersion, Request, Result, Verb } from "./spec/types.ts";
import { checkContainerId, checkIfname, checkNetworkName } from "./spec/validate.ts";
import { hasVerb, supportedVersion, verbSince } from "./spec/version.ts";

/** The process environment, or what stands for it. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A verb that acts. */
export type ActingVerb = Exclude<Verb, "VERSION">;

/** Variables without which a verb cannot be served (spec 1.1.0, section 2 "CNI operations"). */
const needed = {
  ADD: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
  CHECK: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
  DEL: ["CNI_CONTAINERID", "CNI_IFNAME"],
  GC: ["CNI_PATH"],
  STATUS: ["CNI_PATH"],
} as const satisfies Record<ActingVerb, readonly string[]>;

/** @throws FaultError bad-env, with every missing variable at once; unknown-container */
export const checkEnv = (verb: ActingVerb, env: Env): void => {
  const missing = needed[verb].filter((name) => !env[name]);
  if (missing.length > 0)
    throw new FaultError({ kind: "bad-env", vars: missing, why: `needed for ${verb}, missing or empty` });
  if (verb === "GC" || verb === "STATUS") return;
  checkContainerId(env.CNI_CONTAINERID ?? "");
  checkIfname(env.CNI_IFNAME ?? "");
};

/** The version to answer in. @throws FaultError version when it is not supported or has no such verb */
export const checkVersion = (verb: ActingVerb, given: string, supported: readonly CniVersion[]): CniVersion => {
  const version = supportedVersion(given, supported);
  if (!hasVerb(version, verb))
    throw new FaultError({
      kind: "version",
      got: version,
      supported: supported.filter((v) => hasVerb(v, verb)),
      why: `${verb} came with CNI ${verbSince[verb]}`,
    });
  return version;
};

/** The request without the plugin's own config. `warn` gets what could be left aside. @throws FaultError */
export const parseRequest = (
  verb: ActingVerb,
  env: Env,
  raw: JsonObject,
  cniVersion: CniVersion,
  warn: (line: string) => void,
): Omit<Request<unknown>, "config"> => {
  const r = new Reader(raw, "");
  const network = r.string("name") ?? "";
  checkNetworkName(network);
  const prevResult = readPrevResult(verb, r, cniVersion, warn);
  const validAttachments = verb === "GC" ? readAttachments(r) : undefined;
  const perContainer = verb !== "GC" && verb !== "STATUS";
  return {
    verb,
    cniVersion,
    network,
    containerId: perContainer ? (env.CNI_CONTAINERID ?? "") : "",
    netns: perContainer ? (env.CNI_NETNS ?? "") : "",
    ifname: perContainer ? (env.CNI_IFNAME ?? "") : "",
    args: env.CNI_ARGS ?? "",
    path: (env.CNI_PATH ?? "").split(":").filter((folder) => folder !== ""),
    raw,
    ...(prevResult && { prevResult }),
    ...(validAttachments && { validAttachments }),
  };
};

// A runtime's damaged cache must not keep a pod from going: DEL does without.
const readPrevResult = (
  verb: ActingVerb,
  r: Reader,
  version: CniVersion,
  warn: (line: string) => void,
): Result | undefined => {
  const json = r.value("prevResult");
  if (json === undefined) return undefined;
  try {
    return decodeResult(json, version, "prevResult");
  } catch (error) {
    if (verb !== "DEL") throw error;
    warn(`prevResult left aside: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
};

/** A list that is there and empty means that nothing lives; no list means that nothing is known. */
const readAttachments = (r: Reader): readonly Attachment[] | undefined => {
  const key = attachmentKeys.find((name) => r.value(name) !== undefined);
  if (key === undefined) return undefined;
  // A damaged entry is refused, never skipped: skipped would mean deleted.
  return r.objects(key)?.map((entry) => ({
    containerId: entry.needString("containerID"),
    ifname: entry.needString("ifname"),
  }));
};
