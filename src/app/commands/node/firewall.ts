/** `podwire node firewall`: lets in what a node's role needs, in the words of whoever rules the host's packets. */
import { type Command, Option } from "commander";
import { type Cidr, networkOf, parseCidr } from "../../../base/cidr.ts";
import { FaultError } from "../../../base/fault.ts";
import { openKernel } from "../../../net/kernel.ts";
import { type ManagerName, managerNames } from "../../../node/firewall/manager.ts";
import { plainLines } from "../../../node/firewall/managers/iptables.ts";
import { type Openings, openingsFor, plansFor, type Ruler, rulersOf } from "../../../node/firewall/plan.ts";
import { blindSurroundings, lookAround, type Surroundings } from "../../../node/firewall/surroundings.ts";
import { shellLine } from "../../../node/firewall/words.ts";
import { type Host, openHost } from "../../../node/host.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { outputOption } from "../../cli/output-option.ts";
import { type AskedOptions, askedOf, withRole } from "./asked.ts";
import { applyWith, bootNotes, needRoot, removeWith, rollBackLater } from "./firewall-apply.ts";
import { type ExplainOptions, explainOutputs, explainWith } from "./firewall-explain.ts";
import { tellPassing } from "./firewall-passing.ts";

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

--apply adds rules that let something in, and takes away those of an earlier --apply that this one does not ask for; what
anybody else has made stays as it is.
--explain sends nothing: it walks the rules of all tables as the kernel would, and says which decides.
Exit status: 0 done, or printed, or let in; 1 not let in, or cannot be told; 2 could not.
`;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
/** A node's address with its prefix (10.0.0.7/24) is meant as its network. */
const cidrsOf = (texts: readonly string[]): Cidr[] =>
  texts
    .flatMap((text) => text.split(","))
    .map((one) => parseCidr(one.trim(), "--from"))
    .map((cidr) => ({ ip: networkOf(cidr), prefix: cidr.prefix }));

const tellRulers = (rulers: readonly Ruler[], io: Io): void => {
  for (const { manager, because } of rulers) io.err(`${manager} rules packets here: ${because}\n`);
  if (rulers.length === 0)
    io.err("nothing drops packets on this host: no rule is needed (--print NAME shows them all the same)\n");
};

const tellNotes = (notes: readonly string[], io: Io): void => {
  for (const note of notes) io.err(`note: ${note}\n`);
};

/** The rules that are there, as far as the one who asks may see them. @throws FaultError permission */
const seen = (host: Host, { print, apply }: Options, io: Io): Surroundings => {
  if (host.root) return { ...lookAround(host), all: print !== undefined };
  if (apply) needRoot(host);
  const works = "--print MANAGER works without, as for a host of which nothing is known";
  if (print === undefined)
    throw new FaultError({ kind: "permission", op: "see who rules packets", needs: "CAP_NET_ADMIN", works });
  io.err("note: the kernel shows its rules to root alone: these lines are for a host that drops everything\n");
  return blindSurroundings(host);
};

const plain = (openings: Openings["openings"]): string =>
  plainLines(openings.filter((o) => o.to === "node"))
    .map((words) => `${shellLine(words)}\n`)
    .join("");

const run = async (options: Options, io: Io): Promise<number> => {
  using kernel = openKernel();
  const host = openHost({ ns: kernel.host });
  if (options.unlessConfirmed !== undefined) return await rollBackLater(host, options.unlessConfirmed, options.confirm);
  if (options.remove) return await removeWith(host, io, options.dryRun === true);
  if (options.explain) return explainWith(host, { ...options, explain: options.explain }, io);
  const { print } = options;
  const { openings, notes } = openingsFor(host, askedOf(options), cidrsOf(options.from));
  if (print === "iptables") {
    io.out(plain(openings));
    return 0;
  }
  const around = seen(host, options, io);
  const rulers = rulersOf(around);
  if (print === undefined) tellRulers(rulers, io);
  if (rulers.length > 0 || print) tellNotes(notes, io);
  const names = print ? [print] : rulers.map((r) => r.manager);
  if (options.apply && !options.dryRun)
    // Looked at once more: another may have been at work until now.
    return (
      (await applyWith(host, () => plansFor(openings, seen(host, options, io), names), io, options.confirm)) ||
      tellPassing(host, openings, io)
    );
  for (const plan of plansFor(openings, around, names)) {
    io.out(plan.changes.map(({ line }) => `${shellLine(line)}\n`).join(""));
    tellNotes(options.apply ? [...plan.notes, ...bootNotes(plan)] : plan.notes, io);
  }
  return print === undefined ? tellPassing(host, openings, io, { around, names }) : 0;
};

const refuseBoth = (o: Options): void => {
  const { apply, remove, confirm, print, unlessConfirmed, explain, output } = o;
  const wrong: readonly (readonly [unknown, readonly string[], string])[] = [
    [
      apply && print === "iptables",
      ["--apply", "--print iptables"],
      "these lines are for reading: name iptables-nft or iptables-legacy",
    ],
    [apply && remove, ["--apply", "--remove"], "one of them, not both"],
    [explain && (apply || remove), ["--explain"], "changes nothing, and stands by itself"],
    [output && !explain, ["--output"], "belongs to --explain"],
    [confirm !== undefined && !apply && unlessConfirmed === undefined, ["--confirm"], "belongs to --apply"],
  ];
  const found = wrong.find(([is]) => is);
  if (found) throw new FaultError({ kind: "bad-env", vars: found[1], why: found[2] });
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
