/** Which network is meant, and which one a container runtime takes of a folder. */
import { FaultError, faultFix } from "../../base/fault.ts";
import { nearest } from "../../base/nearest.ts";
import { loadNetworks, problemText } from "./conf-dir.ts";
import type { FileProblem, LoadedNetwork, Networks } from "./types.ts";

/**
 * What containerd and CRI-O take, as they are installed: the first file. One that cannot be used and comes before it is
 * passed over by CRI-O; containerd stops there, and gives no pod a network.
 */
export interface Taken {
  readonly network?: LoadedNetwork;
  readonly stops?: FileProblem;
}

export const takenOf = ({ networks, problems }: Networks): Taken => {
  const [network] = networks;
  const [problem] = problems;
  const stops = problem && problem.fault.kind !== "exists" && (!network || problem.file < network.file);
  return { ...(network && { network }), ...(stops && { stops: problem }) };
};

/** The network of that name; without a name the one that a container runtime takes. @throws FaultError not-found */
export const pickNetwork = (confDir: string, name: string | undefined): LoadedNetwork => {
  const { networks, problems } = loadNetworks(confDir);
  const found = name === undefined ? networks[0] : networks.find((n) => n.name === name);
  if (found) return found;
  throw name === undefined || networks.length === 0
    ? noNetwork(confDir, problems, name)
    : notThere(confDir, networks, problems, name);
};

const validate = (confDir: string): string => `podwire cni validate --conf-dir ${confDir}`;

const wordsOf = (name: string | undefined): string =>
  name === undefined ? "a network" : `network ${JSON.stringify(name)}`;

const noNetwork = (confDir: string, problems: readonly FileProblem[], name: string | undefined): FaultError => {
  const [first, ...more] = problems;
  const what = wordsOf(name);
  if (!first)
    return new FaultError({ kind: "not-found", what, why: `no network config in ${confDir}`, fix: `ls ${confDir}` });
  const why =
    more.length === 0 ? problemText(first) : `none of the ${problems.length} configs in ${confDir} can be used`;
  return new FaultError({ kind: "not-found", what, why, fix: validate(confDir) });
};

/** One thing: its own file is broken, or what was meant, or what there is. */
const notThere = (
  confDir: string,
  networks: readonly LoadedNetwork[],
  problems: readonly FileProblem[],
  name: string,
): FaultError => {
  const what = wordsOf(name);
  const broken = problems.find((p) => p.network === name);
  if (broken)
    return new FaultError({
      kind: "not-found",
      what,
      why: `its file cannot be used: ${problemText(broken)}`,
      fix: faultFix(broken.fault) ?? `podwire cni validate ${broken.file}`,
    });
  const names = networks.map((n) => n.name);
  const close = nearest(name, names);
  const why = close ? `not in ${confDir}; did you mean ${close}?` : `not in ${confDir}, which has ${names.join(", ")}`;
  return new FaultError({ kind: "not-found", what, why, fix: `podwire cni list --conf-dir ${confDir}` });
};
