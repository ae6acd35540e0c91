/**
 * A machine of its own for a container runtime: network, mounts, processes, host name, IPC. `/run`, `/opt`, `/var/lib`
 * and a copy of `/etc` are folders of a scratch directory, so a runtime finds the paths that it insists on and the
 * test reads them from outside. When the machine goes, or the test is killed, every process in it goes.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { makeNetns, type TestNetns } from "../../src/kernel/testing/netns.ts";
import { type Ran, run, tryRun } from "../../src/kernel/testing/run.ts";

export interface Machine extends AsyncDisposable {
  readonly ns: TestNetns;
  /** Where we see a path that the machine knows under `/run`, `/opt`, `/var/lib` or `/etc`. */
  path(inside: string): string;
  /** Runs a program to its end and gives its output. @throws Error quoting the program */
  run(argv: readonly string[], input?: string): string;
  /** The same, whatever its exit code. */
  tryRun(argv: readonly string[]): Ran;
  /** Starts a program that stays. Both outputs come as one stream, which has to be read. */
  start(argv: readonly string[]): Running;
}

export interface Running {
  /** Resolves once a line of the output contains `words`. @throws Error with all output when it ends without */
  said(words: string): Promise<void>;
  /** Everything said until the end, when that comes. */
  ended(): Promise<{ readonly code: number; readonly text: string }>;
}

// The scratch directory is below `/run`, which is a tmpfs of the test run's own: mounted last, since it hides the rest.
const owned = ["/opt", "/var/lib", "/etc", "/run"];

/** The first process: reaps orphans, and ends when its standard input does. Says its PID as we know it. */
const init = (scratch: string, plugins: string): string => `
  set -e
  read pid rest < /proc/self/stat
  mount -t proc proc /proc
  ${owned.map((path) => `mount --bind ${scratch}${path} ${path}`).join("\n  ")}
  mount --bind ${plugins} /opt/cni/bin
  ip link set lo up
  exec 3<&0
  cat <&3 >/dev/null & echo $pid
  wait $!`;

/** The folders that are to be mounted, without what the machine outside has of CNI. */
const furnish = (scratch: string): void => {
  for (const path of owned) mkdirSync(scratch + path, { recursive: true });
  run(["cp", "-a", "/etc/.", `${scratch}/etc`]);
  for (const path of ["/etc/cni", "/run/netns", "/opt/cni/bin", "/var/lib/cni"]) {
    rmSync(scratch + path, { recursive: true, force: true });
    mkdirSync(scratch + path, { recursive: true });
  }
  mkdirSync(`${scratch}/etc/cni/net.d`);
};

const running = (child: Bun.Subprocess<"ignore", "pipe", "inherit">, name: string): Running => {
  let text = "";
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const more = async (): Promise<boolean> => {
    const { value, done } = await lines.read();
    text += value ?? "";
    return !done;
  };
  return {
    said: async (words) => {
      while (!text.includes(words)) if (!(await more())) throw new Error(`${name} ended; it said:\n${text}`);
    },
    ended: async () => {
      while (await more());
      return { code: await child.exited, text };
    },
  };
};

/** `plugins` is the folder that the machine sees as `/opt/cni/bin`. */
export const makeMachine = async (plugins: string): Promise<Machine> => {
  const ns = makeNetns();
  const scratch = mkdtempSync("/run/podwire-peer-");
  furnish(scratch);
  const apart = ["--mount", "--propagation", "private", "--pid", "--fork", "--uts", "--ipc"];
  const first = Bun.spawn(
    ["nsenter", `--net=${ns.path}`, "unshare", ...apart, "--", "sh", "-c", init(scratch, plugins)],
    {
      stdin: "pipe",
      stdout: "pipe",
    },
  );
  const { value } = await first.stdout.getReader().read();
  const pid = new TextDecoder().decode(value).trim();
  const enter = ["nsenter", `--target=${pid}`, "--pid", "--mount", "--net", "--uts", "--ipc", "--"];
  const dispose = async (): Promise<void> => {
    first.stdin.end();
    await first.exited;
    ns[Symbol.dispose]();
    rmSync(scratch, { recursive: true });
  };
  if (pid === "") {
    await dispose();
    throw new Error("the machine's first process did not start; its words are above");
  }
  return {
    ns,
    path: (inside) => scratch + inside,
    run: (argv, input) => run([...enter, ...argv], input === undefined ? {} : { input }),
    tryRun: (argv) => tryRun([...enter, ...argv]),
    start: (argv) => {
      const both = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...argv];
      return running(Bun.spawn([...enter, ...both], { stdin: "ignore", stdout: "pipe", stderr: "inherit" }), argv[0]!);
    },
    [Symbol.asyncDispose]: dispose,
  };
};
