/** `podwire node ports`: the ports that a node's role needs, and who has them. Exit status 1 when a stranger has one. */
import type { Command } from "commander";
import { openKernel } from "../../../net/kernel.ts";
import { portsJson, portsTable } from "../../../node/ports/render.ts";
import { rolesOf, rowsFor } from "../../../node/ports/rows-for.ts";
import { portStatus } from "../../../node/ports/taken.ts";
import { linkNamer } from "../../../node/show/link-namer.ts";
import { readListeners } from "../../../node/show/listeners.ts";
import { forms } from "../../../node/show/parse.ts";
import { socketOwners } from "../../../node/show/processes.ts";
import type { CommandContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { type AskedOptions, networksOf, withRole } from "./asked.ts";

type Options = Pick<AskedOptions, "role" | "network"> & { readonly output: (typeof forms)[number] };

const examples = `
Examples:
  podwire node ports                         of a worker
  podwire node ports --role control-plane -o wide
  podwire node ports -o json | jq '.ports[] | select(.state == "stranger")'
Exit status: 0 nothing is in the way, 1 a port is taken by a program that should not have it, 2 could not run.
`;

export const portsCommand = (node: Command, { io, action }: CommandContext): void => {
  withRole(node.command("ports").description("the ports of a role: free, or taken by whom"))
    .addOption(outputOption(forms, "table"))
    .addHelpText("after", examples)
    .action(
      action(({ role, network, output }: Options) => {
        const roles = rolesOf(role);
        const rows = rowsFor(roles, networksOf(network));
        using kernel = openKernel();
        const listeners = readListeners(kernel.host, undefined, linkNamer(kernel.host));
        const { of } = socketOwners(new Set(listeners.map((l) => l.inode)));
        const known = listeners.map((l) => ({ ...l, ...(of.has(l.inode) ? { processes: of.get(l.inode)! } : {}) }));
        const statuses = rows.map((row) => portStatus(row, known));
        io.out(output === "json" ? portsJson(statuses, roles) : portsTable(statuses, output === "wide"));
        const strangers = statuses.filter((s) => s.state === "stranger");
        if (strangers.length === 0) return 0;
        const one = strangers[0]!.holders.find((h) => h.stranger)!;
        const count = strangers.length === 1 ? "1 port is" : `${strangers.length} ports are`;
        io.err(`${count} taken by a program that should not have it\n  mend it: ${mend(one.process)}\n`);
        return 1;
      }),
    );
};

const mend = (process: { readonly pid: number } | undefined): string =>
  process === undefined ? "podwire node show listeners" : `systemctl status ${process.pid} names the unit to stop`;
