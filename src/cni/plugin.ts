/** What a plugin is: functions of a typed request and the ports it may use. No process-wide state. */
import type { Clock } from "../base/clock.ts";
import type { JsonObject } from "../base/json-types.ts";
import type { Kernel } from "../net/kernel.ts";
import type { CniVersion, Request, Result } from "./spec/types.ts";

/** What is known about a request before the config is parsed. */
export interface ParseContext {
  readonly cniVersion: CniVersion;
  readonly network: string;
  readonly args: string;
  /** Not there when a config is only judged: then as for ADD. */
  readonly verb?: Request<unknown>["verb"];
}

/** Runs another plugin with this request: ours in-process, a foreign one by exec from CNI_PATH. */
export interface Delegate {
  /** `type` is a plugin name; the delegate gets `raw` whole, and the same environment. */
  add(type: string, request: Request<unknown>): Promise<Result>;
  del(type: string, request: Request<unknown>): Promise<void>;
  check(type: string, request: Request<unknown>): Promise<void>;
  gc(type: string, request: Request<unknown>): Promise<void>;
  status(type: string, request: Request<unknown>): Promise<void>;
  /** True for an IPAM plugin whose DEL and GC have to come before the interface goes, ours or a foreign one of its name. */
  worksThroughLink(type: string): boolean;
}

/** Everything of the outside world that a plugin may touch. */
export interface Ports {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly delegate: Delegate;
  /** Where the kernel tells of its devices; `/sys` when it is not said. */
  readonly sysfs?: string;
  /** Free-form lines for a person, on stderr. */
  log(line: string): void;
}

/** One config key, for help, docs and schemas. */
export interface KeyDoc {
  readonly key: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** What a plugin is called and speaks: all that VERSION needs, kept apart so that an answer does not load the plugin. */
export interface Face {
  readonly name: string;
  readonly kind: "main" | "ipam" | "meta";
  /** One line for `CNI_COMMAND=` and the docs. */
  readonly about: string;
  /** From the oldest to the newest. */
  readonly versions: readonly CniVersion[];
  /** Keys of `runtimeConfig` it understands. */
  readonly capabilities: readonly string[];
  /** An IPAM plugin that works through the pod's interface: DEL and GC come to it before the interface goes. */
  readonly throughLink?: true;
}

export interface Plugin<C = unknown> extends Face {
  readonly keys: readonly KeyDoc[];
  /** Everything that can be refused without looking at the host is refused here. @throws FaultError */
  parse(raw: JsonObject, about: ParseContext): C;
  add(request: Request<C>, ports: Ports): Promise<Result>;
  del(request: Request<C>, ports: Ports): Promise<void>;
  check(request: Request<C>, ports: Ports): Promise<void>;
  gc(request: Request<C>, ports: Ports): Promise<void>;
  status(request: Request<C>, ports: Ports): Promise<void>;
}
