/** A step of a case as the call that a runtime would make: variables, config, prevResult. Pure. */
import { join } from "node:path";
import type { Call } from "./call.ts";
import { fill, mergeAll, resultFor, type Variables } from "./config.ts";
import type { CallStep } from "./schema.ts";
import type { Stage } from "./stage.ts";
import type { Case } from "./types.ts";

type Json = Record<string, unknown>;

/** Results of ADD by attachment, as the runtime has to keep them. */
export type Attachments = Map<string, Json>;

export interface Request extends Call {
  readonly verb: string;
  /** Network, container and interface: what a result is kept by. */
  readonly attachment: string;
  readonly prevResult: Json | undefined;
}

const NETWORK = "cf-net";

/** Verbs without attachment parameters (spec 1.1.0, section 3). */
const ofNetwork = ["GC", "STATUS", "VERSION"];

const withPrevResult = (c: Case, verb: string): boolean =>
  ["CHECK", "DEL"].includes(verb) && !["0.1.0", "0.2.0", "0.3.0", "0.3.1"].includes(c.version);

const prevResultOf = (c: Case, step: CallStep, given: Json, kept: Json | undefined): Json | undefined => {
  if (step.prevResult === "none") return undefined;
  if (step.prevResult === "last") return kept;
  const own = step.config && "prevResult" in step.config;
  if (!own && withPrevResult(c, step.verb) && kept) return kept;
  const written = given.prevResult as Json | undefined;
  // What a case file says is in the newest form.
  return written === undefined || "cniVersion" in written ? written : resultFor(c.version, written);
};

const setting = (given: string | null | undefined, usual: string): string | undefined =>
  given === undefined ? usual : (given ?? undefined);

export const requestOf = (
  c: Case,
  raw: CallStep,
  stage: Stage,
  variables: Variables,
  attachments: Attachments,
  path: string,
): Request => {
  const step = fill(raw, variables);
  const plugin = step.plugin ?? c.plugin;
  const pod = step.pod ?? "pod1";
  const head = { cniVersion: c.version, name: NETWORK, type: plugin };
  const base = plugin === c.plugin ? fill(c.config, variables) : {};
  const { prevResult: written, ...config } = mergeAll(head, base, step.config);
  const own = !ofNetwork.includes(step.verb);
  const containerId = setting(step.containerId, pod);
  const ifname = setting(step.ifname, "eth0");
  const attachment = [config.name, containerId, ifname].join("/");
  const prevResult = own ? prevResultOf(c, step, { prevResult: written }, attachments.get(attachment)) : undefined;
  const env: Record<string, string | null | undefined> = {
    PATH: path,
    CNI_COMMAND: step.verb,
    CNI_CONTAINERID: own ? containerId : undefined,
    CNI_NETNS: own ? setting(step.netns, stage.pathOf(pod)) : undefined,
    CNI_IFNAME: own ? ifname : undefined,
    CNI_ARGS: step.args,
    CNI_PATH: `${join(stage.work, "bin")}:${variables.BIN}`,
    ...step.env,
  };
  const kept = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    verb: step.verb,
    plugin,
    program: join(variables.BIN ?? "", plugin),
    env: Object.fromEntries(kept),
    stdin: step.stdin ?? JSON.stringify(prevResult === undefined ? config : { ...config, prevResult }),
    attachment,
    prevResult,
  };
};
