/**
 * A machine, or a node of a lab, as checks see it: a network namespace, files and processes. Everything is read when it is
 * asked for, and once. A lab's node has a folder of its own with its files, as if it were `/`. What all nodes of a machine share (its kernel and its
 * programs, `shared` below) comes from the machine where that folder has nothing; a folder that it has hides the machine's.
 */
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FaultError } from "../base/fault.ts";
import { readFileSync } from "../kernel/os/files.ts";
import { listProcesses, type Process } from "../kernel/os/process-list.ts";
import { readXattr } from "../kernel/os/xattr.ts";
import { type Address, listAddresses } from "../net/addresses.ts";
import type { Netns } from "../net/kernel.ts";
import { type Link, listLinks } from "../net/links.ts";
import { type Listener, listListeners } from "../net/listeners.ts";
import { listRoutes, type Route } from "../net/routes.ts";
import { listRules, type Rule } from "../net/rules.ts";
import type { Ruleset } from "./firewall/ruleset/model.ts";
import { readRuleset } from "./firewall/ruleset/read.ts";

export interface Host {
  /** What it calls itself (uname -n). */
  readonly name: string;
  /** A lab's node has a network and some files of its own; the rest is the machine's. */
  readonly kind: "machine" | "lab-node";
  readonly ns: Netns;
  /** Everything may be read: we are root here. */
  readonly root: boolean;
  /** A file's text, as it is; undefined when there is none. @throws FaultError io */
  read(path: string): string | undefined;
  /** The same, of this node alone: of a lab's node what its own folder has, and nothing of the machine that it runs on. */
  readOwn(path: string): string | undefined;
  /** Names in a folder, sorted; none when there is no folder. @throws FaultError io */
  list(path: string): readonly string[];
  /** SELinux's context of a file; undefined without one. */
  labelOf(path: string): string | undefined;
  /** `net.ipv4.ip_forward`, in the node's network; undefined when the kernel has none. */
  sysctl(name: string): string | undefined;
  readonly links: readonly Link[];
  readonly addresses: readonly Address[];
  /** Of every table, both families. */
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  readonly listeners: readonly Listener[];
  /** Those in its network namespace; for one who is not root also those of a machine's that cannot be told. */
  readonly processes: readonly Process[];
  /** All that decides on its packets: nf_tables and legacy iptables. Needs CAP_NET_ADMIN. */
  readonly ruleset: Ruleset;
}

/** Of the machine that a lab runs on; the settings of the machine are not the node's. */
const shared =
  /^\/(proc|sys|dev|boot|bin|sbin|lib\/modules|usr\/(bin|sbin|local\/s?bin|lib\/modules)|etc\/os-release)(\/|$)/;
/** These are in a network namespace, and /sys shows those of the machine's. */
const unshared = /^\/sys\/class\/net(\/|$)/;
const isShared = (path: string): boolean => shared.test(path) && !unshared.test(path);

export interface HostOptions {
  readonly ns: Netns;
  readonly name?: string;
  readonly kind?: Host["kind"];
  /** Folder whose files go before the machine's: `etc/hostname` in it is `/etc/hostname`. */
  readonly overlay?: string;
}

const lazily = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const gone = ["ENOENT", "ENOTDIR", "ESRCH"];
const isGone = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === "io" && gone.includes(error.fault.errno);

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

const listIfThere = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && gone.includes(code)) return [];
    throw new FaultError({ kind: "io", op: "readdir", path, errno: code ?? String(error) });
  }
};

export const openHost = ({ ns, name = hostname(), kind = "machine", overlay }: HostOptions): Host => {
  const links = lazily(() => listLinks(ns));
  const addresses = lazily(() => listAddresses(ns));
  const routes = lazily(() => listRoutes(ns));
  const rules = lazily(() => listRules(ns));
  const listeners = lazily(() => (["tcp", "udp"] as const).flatMap((protocol) => listListeners(ns, protocol)));
  const processes = lazily(() => {
    const netns = ns.enter(() => readlinkSync("/proc/thread-self/ns/net"));
    return listProcesses(netns, kind === "machine" ? "take" : "leave out");
  });
  const ruleset = lazily(() => readRuleset(ns));
  /** The machine's own file stands in. */
  const open = (path: string): boolean => kind === "machine" || isShared(path);
  const own = (path: string): string | undefined => (overlay === undefined ? undefined : join(overlay, path));
  return {
    name,
    kind,
    ns,
    root: process.getuid!() === 0,
    read: (path) => {
      // /proc/net is that of the process, not of the thread, which is the one that has gone into the namespace.
      if (path.startsWith("/proc/net/"))
        return ns.enter(() => readIfThere(path.replace("/proc/net/", "/proc/thread-self/net/")));
      const mine = own(path);
      return (mine === undefined ? undefined : readIfThere(mine)) ?? (open(path) ? readIfThere(path) : undefined);
    },
    readOwn: (path) => {
      const mine = own(path);
      const text = mine === undefined ? undefined : readIfThere(mine);
      return text ?? (kind === "machine" ? readIfThere(path) : undefined);
    },
    list: (path) => {
      const mine = own(path);
      if (mine !== undefined && existsSync(mine)) return listIfThere(mine).sort();
      return open(path) ? listIfThere(path).sort() : [];
    },
    labelOf: (path) => readXattr(own(path) ?? path, "security.selinux"),
    sysctl: (name) => ns.readSysctl(name)?.trim(),
    get links() {
      return links();
    },
    get addresses() {
      return addresses();
    },
    get routes() {
      return routes();
    },
    get rules() {
      return rules();
    },
    get listeners() {
      return listeners();
    },
    get processes() {
      return processes();
    },
    get ruleset() {
      return ruleset();
    },
  };
};
