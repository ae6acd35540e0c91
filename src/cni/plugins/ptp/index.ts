/** Main plugin `ptp`: a veth between the pod and this host, which routes. Each verb: read, plan, apply. */
import { delVeth, gcVeths } from "../../attach/del-veth.ts";
import type { Plugin, Ports } from "../../plugin.ts";
import type { Request } from "../../spec/types.ts";
import { add } from "./add.ts";
import { face } from "./face.ts";
import { ptpKeys } from "./keys.ts";
import { type PtpConfig, parseConfig } from "./parse.ts";

type R = Request<PtpConfig>;

// Asked seldom, and not while a pod waits: loaded when they are.
const check = async (r: R, ports: Ports): Promise<void> => (await import("./check.ts")).check(r, ports);
const status = async (r: R, ports: Ports): Promise<void> => (await import("./status.ts")).status(r, ports);

export const ptp: Plugin<PtpConfig> = {
  ...face,
  keys: ptpKeys,
  parse: parseConfig,
  add,
  del: delVeth,
  check,
  gc: gcVeths,
  status,
};
