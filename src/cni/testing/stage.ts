/**
 * A stage for plugin tests: a throwaway namespace as the host, others as pods, an IPAM store of its own. Plugins are
 * called through the border (`skel`), in this process; the reference's are executed inside the host's namespace.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { parseJson } from "../../base/json.ts";
import type { JsonObject } from "../../base/json-types.ts";
import { makeNetns, type TestNetns, withNetns } from "../../kernel/testing/netns.ts";
import { tryRun } from "../../kernel/testing/run.ts";
import { type Kernel, openKernel } from "../../net/kernel.ts";
import { type DelegateOptions, openDelegate } from "../delegate.ts";
import { isPluginName, loadPlugin, type PluginName, pluginFace } from "../plugins/registry.ts";
import { runPlugin } from "../skel.ts";

export const referenceDir = "/usr/lib/cni";

export interface Call {
  readonly pod?: TestNetns | undefined;
  /** CNI_NETNS, when it is not the pod's. */
  readonly netns?: string;
  readonly containerId?: string;
  readonly ifname?: string;
  readonly args?: string;
  /** CNI_PATH; default the reference's folder. */
  readonly path?: string;
  /** A tree that stands in for /sys. */
  readonly sysfs?: string;
}

/** What a call gave: the result or error object, and the words on stderr. */
export interface Answer {
  readonly exit: number;
  readonly json: JsonObject;
  readonly stderr: string;
}

export interface Stage {
  readonly host: TestNetns;
  readonly kernel: Kernel;
  /** Root of host-local's store. */
  readonly dataDir: string;
  /** A new pod's namespace; gone with the stage. */
  pod(): TestNetns;
  /** Asks a plugin of ours; `kernel` stands in for the stage's own. */
  call(verb: string, conf: JsonObject, call?: Call, kernel?: Kernel): Promise<Answer>;
  /** Asks the reference's plugin of that type. */
  reference(verb: string, conf: JsonObject, call?: Call): Answer;
  /** Names and contents of the store's reservations. */
  store(): Record<string, string>;
}

/** A kernel whose host is the namespace at `path`. */
export const kernelIn = (path: string, kernel: Kernel): Kernel => ({
  get host() {
    return kernel.open(path);
  },
  open: (p) => kernel.open(p === "" ? path : p),
  forget: (p) => kernel.forget(p),
  inspect: (p) => kernel.inspect(p),
  [Symbol.dispose]: () => kernel[Symbol.dispose](),
});

const envOf = (verb: string, c: Call): Record<string, string> => ({
  CNI_COMMAND: verb,
  CNI_CONTAINERID: c.containerId ?? "pod1",
  CNI_NETNS: c.netns ?? c.pod?.path ?? "",
  CNI_IFNAME: c.ifname ?? "eth0",
  CNI_ARGS: c.args ?? "",
  CNI_PATH: c.path ?? referenceDir,
});

const parsed = (stdout: string): JsonObject =>
  stdout.trim() === "" ? {} : (parseJson(stdout, "stdout") as JsonObject);

export interface StageOptions {
  /** Delegates are executed, as if none were ours. */
  readonly foreign?: boolean;
}

/** Asks plugins of ours in this process, on `kernel` or what stands in for it. */
export const openCall =
  (kernel: Kernel, delegation: DelegateOptions): Stage["call"] =>
  async (verb, conf, c = {}, k = kernel) => {
    const words: string[] = [];
    const log = (line: string) => void words.push(line);
    const base = { kernel: k, clock: systemClock, log, ...(c.sysfs !== undefined && { sysfs: c.sysfs }) };
    const { stdout, stderr, exit } = await runPlugin(pluginFace(nameOf(conf)), {
      load: () => loadPlugin(nameOf(conf)),
      env: envOf(verb, c),
      stdin: () => JSON.stringify(conf),
      netns: k,
      ports: () => ({ ...base, delegate: openDelegate(base, delegation) }),
    });
    return { exit, json: parsed(stdout), stderr: stderr + words.join("\n") };
  };

/** Delegates are ours. */
export const ownDelegates: DelegateOptions = { env: process.env, find: (type) => type, isOwn: () => true };

export const withStage = (act: (s: Stage) => Promise<void>, options: StageOptions = {}): Promise<void> =>
  withNetns(async (host) => {
    const dataDir = mkdtempSync(join(tmpdir(), "podwire-ipam-"));
    using pods = new DisposableStack();
    using kernel = kernelIn(host.path, openKernel());
    const delegation: DelegateOptions = options.foreign ? { env: process.env, isOwn: () => false } : ownDelegates;
    try {
      await act({
        host,
        kernel,
        dataDir,
        pod: () => pods.use(makeNetns()),
        call: openCall(kernel, delegation),
        reference: (verb, conf, c = {}) => {
          const argv = ["nsenter", `--net=${host.path}`, join(referenceDir, String(conf.type))];
          const { code, stdout, stderr } = tryRun(argv, { env: envOf(verb, c), input: JSON.stringify(conf) });
          return { exit: code, json: parsed(stdout), stderr };
        },
        store: () => readStore(dataDir),
      });
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

const nameOf = (conf: JsonObject): PluginName => {
  const type = String(conf.type);
  if (!isPluginName(type)) throw new Error(`no plugin of ours: ${type}`);
  return type;
};

/** Reservations alone: lock, index and the last address given are not what holds an address. */
const readStore = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile() && /^[\da-f.:]+$/.test(e.name))
      .map((e) => [e.name, readFileSync(join(e.parentPath, e.name), "utf8")]),
  );
