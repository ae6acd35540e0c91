/** Nodes for tests: namespaces on one wire, in which the built program is started as a person starts it. */
import { join } from "node:path";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";

export const podwire = join(import.meta.dir, "../../../../dist/podwire");

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** Resolves with what stands in the brackets, when a line on its standard error matches. */
  says(pattern: RegExp): Promise<string>;
  ended(): Promise<Said>;
  kill(signal: "SIGKILL" | "SIGINT" | "SIGTERM"): void;
}

/** Runs the program in a namespace, under a host name. */
export const start = (
  ns: TestNetns,
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running => {
  const inside = `hostname "$0" && exec "$@"`;
  const child = Bun.spawn(
    ["nsenter", `--net=${ns.path}`, "unshare", "--uts", "sh", "-c", inside, name, podwire, ...argv],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: { ...process.env, ...env } },
  );
  let err = "";
  let over = false;
  let wake = (): void => {};
  const listen = async (): Promise<void> => {
    for await (const bytes of child.stderr) {
      err += Buffer.from(bytes).toString("utf8");
      wake();
    }
    over = true;
    wake();
  };
  const heard = listen();
  const said = (async (): Promise<Said> => {
    const out = await new Response(child.stdout).text();
    await heard;
    return { exit: await child.exited, out, err };
  })();
  return {
    pid: child.pid,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(err);
        if (match) return match[1] ?? match[0];
        if (over) throw new Error(`never said ${pattern}: ${err}${(await said).out}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    ended: () => said,
    kill: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await said;
    },
  };
};

export interface Wire extends Disposable {
  readonly nodes: readonly TestNetns[];
}

/** So many nodes on one bridge: node i has 10.0.0.i and fd00::i, but for families that `without` names. */
export const makeWire = (count: number, without: (i: number) => "4" | "6" | undefined = () => undefined): Wire => {
  const hub = makeNetns();
  hub.ip("link add hub type bridge mcast_snooping 0");
  hub.ip("link set hub up");
  const nodes = Array.from({ length: count }, (_, k) => {
    const i = k + 1;
    const ns = makeNetns();
    hub.ip(`link add port${i} type veth peer name eth0 netns ${ns.name}`);
    hub.ip(`link set port${i} master hub`);
    hub.ip(`link set port${i} up`);
    ns.ip("link set lo up");
    ns.ip("link set eth0 up");
    if (without(i) !== "4") ns.ip(`addr add 10.0.0.${i}/24 dev eth0`);
    if (without(i) !== "6") ns.ip(`addr add fd00::${i}/64 dev eth0 nodad`);
    return ns;
  });
  return {
    nodes,
    [Symbol.dispose]: () => {
      for (const ns of [hub, ...nodes]) ns[Symbol.dispose]();
    },
  };
};

interface Finding {
  readonly outcome: string;
  readonly subject?: string;
  readonly seen: string;
}

export interface PeersReport {
  readonly between: readonly { readonly id: string; readonly outcome: string; readonly findings: readonly Finding[] }[];
  readonly reach: {
    readonly nodes: readonly string[];
    readonly cells: readonly { from: number; to: number; tried: number; failed: number; pathMtu?: number }[];
  };
}

/** `F2 fail node1 -> node2: tcp/6443: ...` for all that is not well. B1 is left out: all are one machine. */
export const complaints = (out: string): string[] =>
  (JSON.parse(out) as PeersReport).between
    .filter(({ id }) => id !== "B1")
    .flatMap(({ id, findings }) =>
      findings
        .filter((f) => f.outcome !== "ok")
        .map((f) => `${id} ${f.outcome} ${f.subject === undefined ? "" : `${f.subject}: `}${f.seen}`),
    );

/** Sockets of IP that wait or speak in a namespace, of any program. */
export const sockets = (ns: TestNetns): string[] =>
  ns
    .sh("ss -Hnatuw state all exclude time-wait")
    .split("\n")
    .filter((line) => line.trim() !== "");
