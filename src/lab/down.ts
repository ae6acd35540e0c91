/** Taking a lab away: what runs in its namespaces ends, they go, and the kernel clears what was in them. */
import { joinFaults } from "../base/fault.ts";
import { deleteNetns } from "../kernel/os/netns.ts";
import { endProcessesIn } from "../kernel/os/ns-processes.ts";
import type { LabPlace } from "./place.ts";
import { readState, removeState } from "./state.ts";

/** Under the lab's lock. Gives the number of namespaces that went; undefined when there was no lab. */
export const removeLab = (place: LabPlace): number | undefined => {
  const state = readState(place);
  if (!state) {
    removeState(place); // a folder without a state is from a command that was killed before it made anything
    return undefined;
  }
  // What still runs inside would keep its namespace alive, and a plugin of a killed command would write its files again.
  endProcessesIn("net", state.namespaces);
  const errors: unknown[] = [];
  let gone = 0;
  // The underlay's first: it takes every node's eth0 with it.
  for (const path of state.namespaces)
    try {
      if (deleteNetns(path)) gone++;
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw joinFaults(errors);
  removeState(place);
  return gone;
};
