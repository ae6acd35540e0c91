/** How `podwire node firewall` changes a host's firewall: with a way back when nobody confirms. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { parseDuration } from "../../../base/duration.ts";
import { FaultError } from "../../../base/fault.ts";
import { inspectNetns } from "../../../kernel/os/netns.ts";
import { count } from "../../../node/finding.ts";
import { applyPlans, confirm, type Planned, removeAll, rollBack } from "../../../node/firewall/change.ts";
import { lockFirewall } from "../../../node/firewall/lock.ts";
import { readRecord } from "../../../node/firewall/record.ts";
import { shellLine } from "../../../node/firewall/words.ts";
import type { Host } from "../../../node/host.ts";
import type { Io } from "../../cli/io.ts";

/** `30` means `30s`. */
const seconds = (text: string): string => (/^\d+$/.test(text) ? `${text}s` : text);

/** `30s`, `5m` or seconds, to milliseconds. @throws FaultError bad-value */
const confirmTime = (text: string): number => {
  const ms = parseDuration(seconds(text), "--confirm");
  if (ms >= 1000 && ms <= 3_600_000) return ms;
  throw new FaultError({ kind: "bad-value", what: "--confirm", got: text, want: "1s to 60m, such as 30s" });
};

export const needRoot = ({ root }: Host): void => {
  if (root) return;
  const works = "--print and --dry-run change nothing";
  throw new FaultError({ kind: "permission", op: "change the firewall", needs: "CAP_NET_ADMIN", works });
};

/** A lab's node has a network of its own, and the machine's /etc and /var/lib: files for the next boot would be the machine's. */
const notInLab = ({ env }: Io, fix: string): void => {
  const node = env.PODWIRE_LAB_NODE;
  if (node === undefined) return;
  const why = `${node} is a lab's node, and shares the files that firewalls are kept in with this machine`;
  throw new FaultError({ kind: "unavailable", why, fix });
};

/** The same holds in any other network namespace than the one the machine's first process is in. */
const notElsewhere = (fix: string): void => {
  if (inspectNetns("/proc/1/ns/net") !== "other") return;
  const why =
    "this network namespace is not the machine's own, and shares the files that firewalls are kept in with it";
  throw new FaultError({ kind: "unavailable", why, fix });
};

/** One at a time: a second one waits, and says so. */
const alone = async <T>(io: Io, act: () => T): Promise<T> => {
  using _lock = await lockFirewall(() => io.err("another podwire changes this firewall: waiting for it\n"));
  return act();
};

/** Files that are written besides, of which no line speaks. */
export const bootNotes = ({ boot }: Pick<Planned, "boot">): string[] =>
  boot.map(({ path }) => `over a reboot it is kept in ${path}, which --apply writes and --remove puts back`);

const tellNotes = (plans: readonly Planned[], io: Io): void => {
  for (const note of plans.flatMap((p) => [...p.notes, ...bootNotes(p)])) io.err(`note: ${note}\n`);
};

/** What the host's rulers are to be told, as they are when it is this one's turn. */
export type MakePlans = () => readonly Planned[];

export const applyWith = async (
  host: Host,
  makePlans: MakePlans,
  io: Io,
  within: string | undefined,
): Promise<number> => {
  needRoot(host);
  const instead = "the same without --apply, and run the lines that it prints";
  notInLab(io, instead);
  notElsewhere(instead);
  const explain = (line: string): void => io.out(`${line}\n`);
  const ms = within === undefined ? undefined : confirmTime(within);
  const run = ms === undefined ? undefined : randomBytes(8).toString("hex");
  const { plans, applied } = await alone(io, () => {
    const plans = makePlans();
    if (run !== undefined) startWatcher(run, within!);
    return { plans, applied: applyPlans(host, plans, { explain, ...(run === undefined ? {} : { unconfirmed: run }) }) };
  });
  tellNotes(plans, io);
  const { done, kept, removed, pending } = applied;
  const gone = removed > 0 ? `, ${removed} of an earlier run taken away` : "";
  io.err(`${count(done, "rule")} added, ${kept} were there${gone}\n`);
  if (run === undefined || ms === undefined || !pending) return 0;
  io.err(
    `Open a new connection to this host. If it works, press Enter within ${seconds(within!)}; otherwise all of it is taken back.\n`,
  );
  if (await pressedEnter(ms)) {
    if (await alone(io, () => confirm(host, run, plans))) {
      io.err("confirmed\n");
      return 0;
    }
  } else await alone(io, () => rollBack(host, run, explain));
  io.err("not confirmed: taken back\n");
  return 1;
};

/** A process of its own, which no lost terminal or kill of this one ends. */
const startWatcher = (run: string, within: string): void => {
  const watcher = spawn(process.execPath, ["node", "firewall", "--unless-confirmed", run, "--confirm", within], {
    argv0: "podwire",
    detached: true,
    stdio: "ignore",
    cwd: "/",
  });
  // Without it nobody would take anything back: then nothing is done.
  if (watcher.pid === undefined)
    throw new FaultError({ kind: "unavailable", why: "the process that would take it back cannot be started" });
  watcher.unref();
};

/** The watcher's own life: waits a little longer than the one who asks, and takes back what is still unconfirmed. */
export const rollBackLater = async (host: Host, run: string, within = "30s"): Promise<number> => {
  for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(name, () => {});
  await Bun.sleep(confirmTime(within) + 2000);
  using _lock = await lockFirewall(() => {});
  rollBack(host, run, () => {});
  return 0;
};

/** False when the time is over, or when there is nobody to press it any more. */
const pressedEnter = (ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      clearTimeout(timer);
      process.stdin.destroy();
      resolve(yes);
    };
    const timer = setTimeout(() => answer(false), ms);
    process.stdin.once("data", () => answer(true));
    process.stdin.once("end", () => answer(false));
    process.once("SIGHUP", () => answer(false));
    process.once("SIGINT", () => answer(false));
  });

export const removeWith = async (host: Host, io: Io, dryRun: boolean): Promise<number> => {
  const { entries, boot } = readRecord();
  if (dryRun) {
    if (entries.length === 0) io.err("podwire has no rule in this host's firewall\n");
    for (const { undo } of entries.toReversed())
      io.out(
        undo.kind === "run"
          ? `${shellLine(undo.run)}\n`
          : `nft delete rule ${undo.table.family} ${undo.table.name} ${undo.chain} # comment "${undo.comment}"\n`,
      );
    for (const { path } of boot) io.err(`note: lines of podwire's are taken out of ${path}\n`);
    return 0;
  }
  needRoot(host);
  notInLab(io, "podwire lab heal");
  const taken = await alone(io, () => removeAll(host, (line) => io.out(`${line}\n`)));
  io.err(taken === 0 ? "podwire has no rule in this host's firewall\n" : `${count(taken, "rule")} taken away\n`);
  for (const { path } of boot) io.err(`note: lines of podwire's are taken out of ${path}\n`);
  return 0;
};
