/** How every lab command finds its lab: as root here, as an ordinary user inside the namespaces that hold it. */
import { chooseLab, type LabEndpoint, labEndpoints, noLab } from "../../../lab/endpoints.ts";
import { type Env, type LabPlace, labsDir, placeOf } from "../../../lab/place.ts";
import { type LabState, readState } from "../../../lab/state.ts";
import { continueInside, findHolder } from "../../../lab/user/holder.ts";
import { needsHolder } from "../../../lab/user/privilege.ts";

export interface NameOption {
  readonly name?: string;
}

/** Words of the `--name` option, the same for all. */
export const nameOption = ["-n, --name <lab>", "name of the lab (default: the only one, or podwire)"] as const;

/** Without a name: of the default lab, or the only one. */
export const labName = (flags: NameOption, env: Env): string => flags.name ?? chooseLab(labsDir(env));

/** A lab that is there. An ordinary user's command goes on inside it, and does not come back here. */
export const enterLab = (name: string, env: Env): { place: LabPlace; state: LabState } => {
  const base = labsDir(env);
  const place = placeOf(name, base);
  const state = readState(place);
  if (!state) throw noLab(name, base);
  if (needsHolder(env)) {
    const holder = findHolder(place);
    if (holder) continueInside(holder, place, process.argv.slice(2), env);
    // Without its holder all of it is gone: what follows looks from outside, and tells that.
  }
  return { place, state };
};

/** The endpoints of a lab for `podwire verify`; without a name, of the default lab or the only one. */
export const endpointsFor =
  (env: Env) =>
  (name: string | undefined): LabEndpoint[] => {
    const base = labsDir(env);
    const chosen = name ?? chooseLab(base);
    enterLab(chosen, env);
    return labEndpoints(chosen, base);
  };
