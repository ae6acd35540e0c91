/** CNI_ARGS: `K=V;K=V` (CNI conventions, "CNI_ARGS"). Deprecated, and what every CRI runtime still sends. */
import { FaultError } from "../../base/fault.ts";

const badArgs = (why: string): FaultError => new FaultError({ kind: "bad-env", vars: ["CNI_ARGS"], why });

/** The pairs in order, the last of equal keys winning. @throws FaultError bad-env */
export const parsePairs = (args: string): ReadonlyMap<string, string> => {
  const pairs = new Map<string, string>();
  for (const pair of args === "" ? [] : args.split(";")) {
    const [key, value, ...more] = pair.split("=");
    if (!key || value === undefined || more.length > 0)
      throw badArgs(`expected KEY=VALUE with one "=" between semicolons, got ${JSON.stringify(pair)}`);
    pairs.set(key, value);
  }
  return pairs;
};

/** Keys that a CRI runtime (containerd, CRI-O) sends for a pod. */
export const podKeys = ["K8S_POD_NAMESPACE", "K8S_POD_NAME", "K8S_POD_INFRA_CONTAINER_ID", "K8S_POD_UID"] as const;

/**
 * The values of the keys that the caller knows. Any other key is refused unless `IgnoreUnknown` is `1` or `true`.
 * @throws FaultError bad-env
 */
export const parseArgs = <K extends string>(args: string, known: readonly K[]): Partial<Record<K, string>> => {
  const pairs = parsePairs(args);
  const ignore = flag(pairs.get("IgnoreUnknown"));
  const out: Partial<Record<K, string>> = {};
  const unknown: string[] = [];
  for (const [key, value] of pairs)
    if ((known as readonly string[]).includes(key)) out[key as K] = value;
    else if (key !== "IgnoreUnknown") unknown.push(key);
  if (unknown.length > 0 && !ignore)
    throw badArgs(
      `unknown key ${unknown.join(", ")}: known are ${known.join(", ") || "none"}; IgnoreUnknown=1 lets others pass`,
    );
  return out;
};

/** A value through a parser such as parseIp. @throws FaultError bad-env */
export const parsedArg = <T>(key: string, text: string, parse: (text: string, what: string) => T): T => {
  try {
    return parse(text, key);
  } catch (error) {
    throw error instanceof FaultError && error.fault.kind === "bad-value" ? badArgs(error.message) : error;
  }
};

const flag = (value: string | undefined): boolean => {
  switch (value?.toLowerCase()) {
    case undefined:
    case "0":
    case "false":
      return false;
    case "1":
    case "true":
      return true;
    default:
      throw badArgs(`IgnoreUnknown: expected 1, 0, true or false, got ${JSON.stringify(value)}`);
  }
};
