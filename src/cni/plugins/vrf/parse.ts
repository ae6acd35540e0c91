/** From JSON to config: everything that can be refused without looking at the pod. Pure. */
import { badConfig, reader } from "../../../base/json-read.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import { ifnameProblem } from "../../spec/validate.ts";

export interface VrfConfig {
  /** Name of the VRF's link in the pod. */
  readonly vrf: string;
  /** Absent: the one that it has, or the first free one. */
  readonly table?: number;
}

/** @throws FaultError bad-config */
export const parseConfig = (raw: JsonObject): VrfConfig => {
  const r = reader(raw);
  const vrf = r.needString("vrfname");
  const problem = ifnameProblem(vrf);
  if (problem) throw badConfig("vrfname", problem);
  const table = r.int("table", { min: 0, max: 0xffffffff });
  return { vrf, ...(table && { table }) };
};
