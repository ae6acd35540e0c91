/** Where one case is played: a namespace that stands for the host, others for pods, and folders of its own. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FaultError } from "../base/fault.ts";
import { openEvents } from "../kernel/conn/events.ts";
import { createNetns, deleteNetns, netnsPath } from "../kernel/os/netns.ts";
import { endProcessesIn } from "../kernel/os/ns-processes.ts";
import { openKernel } from "../net/kernel.ts";
import type { Variables } from "./config.ts";
import type { Case } from "./types.ts";

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Stage extends Disposable {
  /** Folder of the case: its plugins in `bin`, its stores in `data`. */
  readonly work: string;
  readonly pods: readonly string[];
  readonly variables: Variables;
  /** Name that `ip netns` knows a place by. @throws FaultError bad-value */
  nameOf(place: string): string;
  pathOf(place: string): string;
  /** Runs `act` inside `host` or a pod, synchronously. */
  enter<T>(place: string, act: () => T): T;
  /** Runs a program to its end. */
  run(place: string, argv: readonly string[]): Ran;
  /** Gone is also the host's end of every veth when this is done: the kernel takes its time. */
  removePod(name: string): Promise<void>;
}

export interface Ground {
  /** The folder under test. */
  readonly binDir: string;
  /** Where stages are made. */
  readonly workDir: string;
  /** Environment of programs: PATH alone. */
  readonly env: Readonly<Record<string, string>>;
}

/** Namespaces are called so; `ip netns exec cf-pod1 ip address` looks inside. */
const prefix = "cf-";

/** The lines that make the same by hand. */
export const stageLines = (c: Case, { work, pods }: Stage): string[] => [
  `mkdir -p ${work}/bin ${work}/data`,
  `ip netns add ${prefix}host`,
  `ip -n ${prefix}host link set lo up`,
  ...pods.map((pod) => `ip netns add ${prefix}${pod}`),
  ...Object.entries(c.spec.plugins ?? {}).map(
    ([name, script]) =>
      `cat > ${work}/bin/${name} <<'SCRIPT'\n${script.trimEnd()}\nSCRIPT\nchmod +x ${work}/bin/${name}`,
  ),
];

export const endLines = ({ work, pods }: Stage): string[] => [
  ...["host", ...pods].map((place) => `ip netns del ${prefix}${place}`),
  `rm -r ${work}`,
];

interface LinkRow {
  readonly ifindex: number;
  readonly ifname: string;
  readonly link_index?: number;
  readonly link_netnsid?: number;
}
const showLinks = ["ip", "-j", "link", "show"];
const linksOf = (json: string): LinkRow[] => JSON.parse(json || "[]") as LinkRow[];
/** For a kernel that is very busy; something that holds the namespace, such as a process, is then seen as left behind. */
const GONE_MS = 5000;

const podNames = (c: Case): string[] => Array.from({ length: c.spec.pods ?? 1 }, (_, i) => `pod${i + 1}`);

export const openStage = (c: Case, ground: Ground): Stage => {
  const names = podNames(c);
  const work = join(ground.workDir, "case");
  const paths = new Map(["host", ...names].map((place) => [place, netnsPath(`${prefix}${place}`)]));
  const kernel = openKernel();
  const close = (): void => {
    // A plugin that left a process behind would keep the namespace, and with it the next case's names.
    endProcessesIn("net", [...paths.values()]);
    kernel[Symbol.dispose]();
    for (const place of paths.keys()) deleteNetns(`${prefix}${place}`);
    rmSync(work, { recursive: true, force: true });
  };
  const pathOf = (place: string): string => {
    const path = paths.get(place);
    if (path !== undefined) return path;
    throw new FaultError({ kind: "bad-value", what: "place", got: place, want: [...paths.keys()].join(", ") });
  };
  const enter = <T>(place: string, act: () => T): T => kernel.open(pathOf(place)).enter(act);
  const run = (place: string, argv: readonly string[]): Ran => {
    const done = enter(place, () => Bun.spawnSync([...argv], { env: ground.env, cwd: work }));
    return { exit: done.exitCode, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
  };
  try {
    for (const place of paths.keys()) createNetns(`${prefix}${place}`);
    mkdirSync(join(work, "bin"), { recursive: true });
    mkdirSync(join(work, "data"));
    for (const [name, script] of Object.entries(c.spec.plugins ?? {}))
      writeFileSync(join(work, "bin", name), script, { mode: 0o755 });
    run("host", ["ip", "link", "set", "lo", "up"]);
  } catch (error) {
    close();
    throw error;
  }
  return {
    work,
    pods: names,
    variables: {
      WORK: work,
      DATADIR: join(work, "data"),
      BIN: ground.binDir,
      VERSION: c.version,
      HOST: pathOf("host"),
      ...Object.fromEntries(names.map((name) => [name.toUpperCase(), pathOf(name)])),
      ...Object.fromEntries(names.map((name, i) => [`NS${i + 1}`, `${prefix}${name}`])),
    },
    nameOf: (place) => pathOf(place).slice(pathOf(place).lastIndexOf("/") + 1),
    pathOf,
    enter,
    run,
    removePod: async (name) => {
      const indexes = linksOf(run(name, showLinks).stdout).flatMap((link) => link.link_index ?? []);
      const ends = linksOf(run("host", showLinks).stdout).filter(
        (l) => l.link_netnsid !== undefined && indexes.includes(l.ifindex),
      );
      const { fd } = kernel.open(pathOf("host"));
      using events = openEvents({ groups: ["link"], ...(fd === undefined ? {} : { netns: fd }) });
      kernel.forget(pathOf(name));
      deleteNetns(`${prefix}${name}`);
      const patience = AbortSignal.timeout(GONE_MS);
      const remain = (): boolean =>
        linksOf(run("host", showLinks).stdout).some((l) => ends.some((e) => e.ifname === l.ifname));
      while (remain() && (await events.next(patience)) !== undefined);
    },
    [Symbol.dispose]: close,
  };
};
