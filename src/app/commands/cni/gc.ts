/** `podwire cni gc`: what is left of a network's attachments. */
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { isLiving } from "../../../cni/runtime/gc.ts";
import { markedAlive } from "../../../cni/runtime/marked.ts";
import type { Runtime } from "../../../cni/runtime/runtime.ts";
import type { Attachment } from "../../../cni/spec/types.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { type RunFlags, runOptions, watchOf } from "./attach.ts";
import { foundBy } from "./found.ts";
import { type HostFlags, hostOptions, pathOf, runtimeOf } from "./options.ts";
import { showPlan } from "./show-runs.ts";

interface GcFlags extends HostFlags, RunFlags {
  readonly keep?: readonly string[];
  readonly keepLiving?: boolean;
  readonly keepCached?: boolean;
  readonly noneValid?: boolean;
}

const another = (value: string, before: readonly string[] = []): string[] => [...before, value];

const gcExamples = `
Examples:
  podwire cni gc pods --keep-living --dry-run   what would be called
  podwire cni gc pods --keep-living             after pods have gone without a DEL
  podwire cni gc pods --keep web-1/eth0         of all pods, only this one exists

You say which attachments still exist, because all others of the network are disconnected and their addresses are given
out again. --keep-living finds those that --cache-dir remembers and those that podwire's own plugins wired (by a mark on
the host's end of their veth, or on their link in any network namespace that this process can see). It cannot find what another plugin made for a runtime with another cache: name that with
--keep.
`;

export const gcCommand = (cni: Command, { io, action }: CommandContext): void => {
  runOptions(hostOptions(cni.command("gc <network>")))
    .description("clean up after attachments that are gone; you say which ones still exist")
    .option("--keep <container/ifname>", "this attachment exists; may be given again", another)
    .option("--keep-living", "keep those whose network namespace exists and that are remembered or have podwire's mark")
    .option("--keep-cached", "keep all that are remembered; only what nobody remembers is cleaned up")
    .option("--none-valid", "keep none: disconnects every container of the network")
    .addHelpText("after", gcExamples)
    .action(
      action(async (name: string, flags: GcFlags) => {
        const path = pathOf(flags, io);
        const runtime = runtimeOf(flags, io, watchOf(flags, path, io));
        const list = runtime.network(name);
        const valid = validOf(flags, runtime, name, io);
        if (!flags.dryRun) {
          return await foundBy(io, () => runtime.gc(list, valid));
        }
        for (const entry of runtime.cached())
          if (entry.network === name && !valid.some((a) => sameAttachment(a, entry)))
            io.out(`# DEL ${entry.containerId} ${entry.ifname}\n`);
        io.out(showPlan(runtime.plan("GC", list, undefined, valid), path));
        return 0;
      }),
    );
};

const sameAttachment = (a: Attachment, b: Attachment): boolean =>
  a.containerId === b.containerId && a.ifname === b.ifname;

/** @throws FaultError bad-env: what lives has to be said, since everything else is disconnected */
const validOf = (flags: GcFlags, runtime: Runtime, network: string, io: Io): Attachment[] => {
  const { keep = [], keepLiving, keepCached, noneValid } = flags;
  const some = keep.length > 0 || keepLiving || keepCached;
  if (some === Boolean(noneValid) || (!some && !noneValid))
    throw new FaultError({
      kind: "bad-env",
      vars: ["podwire cni gc"],
      why: noneValid
        ? "--none-valid and the --keep options contradict each other"
        : "say which attachments exist: --keep-living, --keep-cached, --keep container/ifname, or --none-valid",
    });
  const cached = runtime.cached().filter((entry) => entry.network === network);
  const named = keep.map(attachmentOf);
  const kept = cached.filter((entry) => keepCached || (keepLiving && isLiving(entry)));
  return [...named, ...kept, ...(keepLiving ? unremembered(network, [...named, ...cached], io) : [])].map(
    ({ containerId, ifname }) => ({ containerId, ifname }),
  );
};

/** Alive by our mark and in no cache of ours. Of what is remembered, the cache tells whether its namespace is there. */
const unremembered = (network: string, known: readonly Attachment[], io: Io): Attachment[] => {
  using kernel = openKernel();
  const found = markedAlive(kernel, network).filter((a) => !known.some((k) => sameAttachment(a, k)));
  for (const { containerId, ifname } of found)
    io.err(
      `keeping ${containerId}/${ifname}: not in the cache, but its link has podwire's mark and its namespace exists\n`,
    );
  return found;
};

const attachmentOf = (text: string): Attachment => {
  const [containerId, ifname, ...more] = text.split("/");
  if (!containerId || !ifname || more.length > 0)
    throw new FaultError({ kind: "bad-value", what: "--keep", got: JSON.stringify(text), want: "container/ifname" });
  return { containerId, ifname };
};
