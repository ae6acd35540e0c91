/** The nouns of the runtime: what the lab, the agent and the command line give it and get from it. */
import type { Fault } from "../../base/fault.ts";
import type { Place } from "../../base/json-locate.ts";
import type { JsonObject } from "../../base/json-types.ts";
import type { NetworkList } from "../spec/list.ts";
import type { Attachment, Result, Verb } from "../spec/types.ts";

/** One interface of one container on a network: what libcni calls a RuntimeConf. */
export interface Attach extends Attachment {
  /** Path of the container's network namespace; empty for DEL when it is gone. */
  readonly netns: string;
  /** CNI_ARGS: `K=V;K=V`. */
  readonly args?: string;
  /** Values by capability name; each plugin gets those it declares, in `runtimeConfig`. */
  readonly capabilityArgs?: JsonObject;
}

export interface RuntimeOptions {
  /** Folder of network configs, such as /etc/cni/net.d. */
  readonly confDir: string;
  /** CNI_PATH: folders of plugins, the first that has one wins. */
  readonly path: readonly string[];
  /** Folder of the result cache, /var/lib/cni for libcni. */
  readonly cacheDir: string;
  /** What plugins find in their environment beside CNI_*; absent: a PATH, for the programs that they run. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Starts a child; the lab passes one that enters a node's namespace first. */
  readonly enter?: <T>(act: () => T) => T;
  /** Gets what plugins write to stderr and what was left aside, line by line. */
  readonly log?: (line: string) => void;
  /** A plugin that gives no answer within so many milliseconds is killed. Absent: waited for. */
  readonly timeoutMs?: number;
  /** Kills what runs and starts nothing more. */
  readonly signal?: AbortSignal;
  /** Told of every plugin call before it is made. */
  readonly watch?: (run: PluginRun) => void;
  /** How waits between tries are spent, in milliseconds; tests pass one that does not wait. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** A network as it was found. */
export interface LoadedNetwork extends NetworkList {
  readonly file: string;
}

/** A config file that was left aside, and why. */
export interface FileProblem {
  readonly file: string;
  /** Name of its network, when that much can be read. */
  readonly network?: string;
  readonly fault: Fault;
  /** Where the fault's key stands, when it is about one. */
  readonly place?: Place;
}

/** What stands in the folder and no runtime ever reads. */
export interface Ignored {
  readonly file: string;
  readonly why: string;
}

/** All by file name, which is the order of container runtimes. */
export interface Networks {
  readonly networks: LoadedNetwork[];
  readonly problems: FileProblem[];
  readonly ignored: Ignored[];
}

/** How far an ADD came: counts of plugins from the start of the chain. */
export interface Progress {
  readonly started: number;
  readonly finished: number;
  readonly of: number;
}

/** What is remembered of one attachment. */
export interface CacheEntry {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  readonly netns: string;
  /** Inode of the namespace when it was attached: a path may come to mean another. */
  readonly netnsId?: string;
  readonly args: string;
  readonly capabilityArgs: JsonObject;
  /** The config that ADD used; absent in entries of the oldest format and when it cannot be read. */
  readonly list?: NetworkList;
  /** The result of the last plugin that finished. */
  readonly result?: Result;
  /** Absent in entries that libcni wrote: those are of whole ADDs. */
  readonly progress?: Progress;
  readonly file: string;
  /** Why part or all of it could not be read. */
  readonly damage?: Fault;
}

/** One plugin call, as `--dry-run` shows it. */
export interface PluginRun {
  readonly plugin: string;
  readonly verb: Verb;
  /** The CNI_* variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The config that stands on stdin. */
  readonly stdin: JsonObject;
}

export interface DelOptions {
  /** Goes on to the plugin that holds the address even when one before it failed: see docs/decisions/0004-del-keeps-the-address.md. */
  readonly pastFailures?: boolean;
}

export interface Runtime {
  /** Everything in the config folder; files that cannot be used are reported and left aside. */
  networks(): Networks;
  /** The network of that name; without one the first file by name, as container runtimes choose. @throws FaultError not-found */
  network(name?: string): LoadedNetwork;
  /** Runs the chain. What fails is undone, and the fault tells of both. @throws FaultError */
  add(list: NetworkList, attach: Attach): Promise<Result>;
  /** Takes the config that ADD used from the cache; `list` (or a network's name) serves when there is none. */
  del(list: NetworkList | string, attach: Attach, options?: DelOptions): Promise<void>;
  /** @throws FaultError differs and others; not-found when there is nothing in the cache */
  check(list: NetworkList, attach: Attach): Promise<void>;
  /** DELs what is cached of the network and not in `valid`, then lets each plugin collect. Refuses without a list. */
  gc(list: NetworkList, valid: readonly Attachment[] | undefined): Promise<void>;
  /** @throws FaultError plugin, with the code of the first plugin that is not ready */
  status(list: NetworkList): Promise<void>;
  /** Whether each plugin is there and speaks the list's version. One entry for each plugin and its IPAM. */
  probe(list: NetworkList): Promise<Probed[]>;
  /** Every attachment that is remembered, damaged entries included. */
  cached(): CacheEntry[];
  /** What would be run, in order; nothing is. */
  plan(
    verb: Exclude<Verb, "VERSION">,
    list: NetworkList | string,
    attach?: Attach,
    valid?: readonly Attachment[],
  ): PluginRun[];
}

/** What a plugin says about itself. */
export interface Probed {
  readonly plugin: string;
  readonly file?: string;
  readonly supportedVersions: readonly string[];
  readonly fault?: Fault;
}

/** What a config is told without running it. */
export interface Judged {
  /** Path of the key in the list: `plugins[0].ipam.subnet`. */
  readonly at: string;
  readonly fault: Fault;
  /** An error is refused by the plugin, or leaves pods without what is plainly asked for; a warning is not used by it. */
  readonly is: "error" | "warning";
}
