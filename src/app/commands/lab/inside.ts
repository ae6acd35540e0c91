/** How every lab command finds its lab: as root here, as an ordinary user inside the namespaces that hold it. */
import { chooseLab, type LabEndpoint, labEndpoints, noLab } from "../../../lab/endpoints.ts";
import { type Env, type LabPlace, labsDir, placeOf } from "../../../lab/place.ts";
import { type LabState, readState } from "../../../lab/state.ts";
import { continueInside, findHolder } from "../../../lab/user/holder.ts";
import { needsHolder } from "../../../lab/user/privilege.ts";
import { givenName, type NameOption } from "./name-option.ts";

/** Without a name: of the default lab, or the only one. */
export const labName = (flags: NameOption, env: Env): string => givenName(flags) ?? chooseLab(labsDir(env));

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
