/** `podwire node firewall`: lets in what a node's role needs, in the words of whoever rules the host's packets. */
import { type Command, Option } from "commander";
import { type Cidr, parseCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { openKernel } from "../../../net/kernel.ts";
import { shellLine } from "../../../node/firewall/change.ts";
import { type ManagerName, managerNames } from "../../../node/firewall/manager.ts";
import { plainLines } from "../../../node/firewall/managers/iptables.ts";
import { openingsFor, plansFor, type Ruler, rulersOf } from "../../../node/firewall/plan.ts";
import { lookAround } from "../../../node/firewall/surroundings.ts";
import { openHost } from "../../../node/host.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { outputOption } from "../../cli/output-option.ts";
import { type AskedOptions, askedOf, withRole } from "./asked.ts";
import { applyWith, removeWith, rollBackLater } from "./firewall-apply.ts";
import { type ExplainOptions, explainOutputs, explainWith } from "./firewall-explain.ts";

interface Options extends AskedOptions {
  readonly from: readonly string[];
  readonly print?: ManagerName | "iptables";
  readonly apply?: boolean;
  readonly dryRun?: boolean;
  readonly remove?: boolean;
  readonly confirm?: string;
  readonly unlessConfirmed?: string;
  readonly explain?: ExplainOptions["explain"];
  readonly output?: ExplainOptions["output"];
}

const examples = `
Examples:
  podwire node firewall --role worker                    who rules this host's packets, and what to tell them
  podwire node firewall --role worker --print iptables   the same as plain iptables lines
  podwire node firewall --role control-plane --from 10.0.0.0/24 --apply --confirm 30s
  podwire node firewall --remove                         take away exactly what --apply did
  podwire node firewall --explain tcp/6443 from 10.0.0.5
  podwire node firewall --explain udp/53 from 10.244.1.7 to 10.96.0.10 in cni0 -o wide

--apply only ever adds rules that let something in: what is open stays open.
--explain sends nothing: it walks the rules of all tables as the kernel would, and says which decides.
Exit status: 0 done, or printed, or let in; 1 not let in, or cannot be told; 2 could not.
`;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const cidrsOf = (texts: readonly string[]): Cidr[] =>
  texts.flatMap((text) => text.split(",")).map((one) => parseCidr(one.trim(), "--from"));

const tellRulers = (rulers: readonly Ruler[], io: Io): void => {
  for (const { manager, because } of rulers) io.err(`${manager} rules packets here: ${because}\n`);
  if (rulers.length === 0)
    io.err("nothing drops packets on this host: no rule is needed (--print NAME shows them all the same)\n");
};

const tellNotes = (notes: readonly string[], io: Io): void => {
  for (const note of notes) io.err(`note: ${note}\n`);
};

const run = async (options: Options, io: Io): Promise<number> => {
  using kernel = openKernel();
  const host = openHost({ ns: kernel.host });
  if (options.unlessConfirmed !== undefined) return rollBackLater(host, options.unlessConfirmed, options.confirm);
  if (options.remove) return removeWith(host, io, options.dryRun === true);
  if (options.explain) return explainWith(host, { ...options, explain: options.explain }, io);
  const { openings, notes } = openingsFor(host, askedOf(options), cidrsOf(options.from));
  if (options.print === "iptables") {
    const input = openings.filter((o) => o.to === "node");
    io.out(
      plainLines(input)
        .map((words) => `${shellLine(words)}\n`)
        .join(""),
    );
    return 0;
  }
  const around = lookAround(host);
  const rulers = rulersOf(around);
  if (options.print === undefined) tellRulers(rulers, io);
  if (rulers.length > 0 || options.print) tellNotes(notes, io);
  const plans = plansFor(openings, around, options.print ? [options.print] : rulers.map((r) => r.manager));
  if (options.apply && !options.dryRun) return await applyWith(host, plans, io, options.confirm);
  for (const plan of plans) {
    io.out(plan.changes.map(({ line }) => `${shellLine(line)}\n`).join(""));
    tellNotes(plan.notes, io);
  }
  return 0;
};

const refuseBoth = ({ apply, remove, confirm, unlessConfirmed, explain, output }: Options): void => {
  const wrong =
    apply && remove
      ? { vars: ["--apply", "--remove"], why: "one of them, not both" }
      : explain && (apply || remove)
        ? { vars: ["--explain"], why: "changes nothing, and stands by itself" }
        : output && !explain
          ? { vars: ["--output"], why: "belongs to --explain" }
          : confirm !== undefined && !apply && unlessConfirmed === undefined
            ? { vars: ["--confirm"], why: "belongs to --apply" }
            : undefined;
  if (wrong) throw new FaultError({ kind: "bad-env", ...wrong });
};

export const firewallCommand = (node: Command, { io, action }: CommandContext): void => {
  withRole(node.command("firewall").description("let in what a node's role needs, in the words of the firewall in use"))
    .option(
      "--from <cidr>",
      "where the nodes are; may be given again (default: anywhere, but tunnels: own subnets)",
      collect,
      [],
    )
    .option("--pod-cidr <list>", "addresses of pods, one range for each family", "10.244.0.0/16")
    .addOption(new Option("--print <manager>", "for this one, whoever rules").choices(["iptables", ...managerNames]))
    .option("--apply", "tell them")
    .option("--confirm <time>", "with --apply: take it back unless it is confirmed in time, such as 30s")
    .option("--remove", "take away what --apply did")
    .option("--dry-run", "print what --apply or --remove would do")
    .option("--explain <words...>", "what becomes of PROTOCOL/PORT from ADDRESS [to ADDRESS] [in LINK] [sport PORT]")
    .addOption(outputOption(explainOutputs))
    .addOption(new Option("--unless-confirmed <run>").hideHelp())
    .addHelpText("after", examples)
    .action(
      action((options: Options) => {
        refuseBoth(options);
        return run(options, io);
      }),
    );
};
