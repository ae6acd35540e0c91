/** STATUS: would an ADD succeed? Asked of the kernel, in a namespace that is thrown away. */
import { FaultError } from "../../../base/fault.ts";
import type { Probe } from "../../../kernel/probe/answer.ts";
import { ifbProbe } from "../../../kernel/probe/ifb.ts";
import { netAdminProbe } from "../../../kernel/probe/net-admin.ts";
import { tbfProbe } from "../../../kernel/probe/tbf.ts";
import { tcRedirectProbe } from "../../../kernel/probe/tc-redirect.ts";
import type { Request } from "../../spec/types.ts";
import type { BandwidthConfig } from "./config.ts";
import { throughIfb, waysOf } from "./plan.ts";

/** @throws FaultError unavailable */
export const status = async ({ config }: Request<BandwidthConfig>): Promise<void> => {
  const ways = waysOf(config);
  // Without a limit of its own it waits for those of pods, which may be of both ways.
  const ifb = ways.length === 0 || ways.some(({ way }) => throughIfb(config, way));
  const needed: readonly Probe[] = [netAdminProbe, tbfProbe, ...(ifb ? [ifbProbe, tcRedirectProbe] : [])];
  for (const probe of needed) {
    const answer = probe.ask();
    if (answer.is === "no")
      throw new FaultError({
        kind: "unavailable",
        why: `${probe.name} is missing: needs ${answer.needs}`,
        ...fixOf(answer.needs),
      });
  }
};

const fixOf = (needs: string): { fix?: string } => {
  const command = /modprobe .*/.exec(needs)?.[0];
  return command === undefined ? {} : { fix: command };
};
