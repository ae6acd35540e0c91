/** How every lab command finds its lab: as root here, as an ordinary user inside the namespaces that hold it. */
import { noLab } from "../../../lab/endpoints.ts";
import { type LabPlace, placeOf } from "../../../lab/place.ts";
import { type LabState, readState } from "../../../lab/state.ts";
import { continueInside, findHolder } from "../../../lab/user/holder.ts";
import { needsHolder } from "../../../lab/user/privilege.ts";

export interface NameOption {
  readonly name: string;
}

/** Words of the `--name` option, the same for all. */
export const nameOption = ["-n, --name <lab>", "name of the lab"] as const;

/** A lab that is there. An ordinary user's command goes on inside it, and does not come back here. */
export const enterLab = (name: string): { place: LabPlace; state: LabState } => {
  const place = placeOf(name);
  const state = readState(place);
  if (!state) throw noLab(name);
  if (needsHolder()) {
    const holder = findHolder(place);
    if (holder) continueInside(holder, place, process.argv.slice(2));
    // Without its holder all of it is gone: what follows looks from outside, and tells that.
  }
  return { place, state };
};
