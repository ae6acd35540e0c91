/** Where a lab keeps its files: under /run for root, in a folder of the user's own for everybody else. */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { FaultError } from "../base/fault.ts";
import type { LabNode } from "./topology/lab.ts";
import { isLabName, labNameWant } from "./topology/name.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Folder of all labs. `PODWIRE_LAB_HOME` is how a command tells the one that it starts inside a user's lab.
 * @throws FaultError unavailable when somebody else made the folder under /tmp first
 */
export const labsDir = (env: Env, uid: number = process.getuid!()): string => {
  if (env.PODWIRE_LAB_HOME) return env.PODWIRE_LAB_HOME;
  if (uid === 0) return "/run/podwire/labs";
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, "podwire/labs");
  const own = `/tmp/podwire-${uid}`;
  refuseForeign(own, uid);
  return join(own, "labs");
};

/** Anyone may make a name in /tmp: what stands in another's folder must not be believed. */
const refuseForeign = (path: string, uid: number): void => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there || (there.isDirectory() && there.uid === uid && (there.mode & 0o022) === 0)) return;
  throw new FaultError({
    kind: "unavailable",
    why: `${path} is not a folder that only you can write to, so the labs in it cannot be trusted`,
    fix: `export XDG_RUNTIME_DIR=$(mktemp -d)`,
  });
};

export interface LabPlace {
  readonly name: string;
  readonly dir: string;
  readonly stateFile: string;
  /** Beside the folder, since the folder comes and goes under the lock. */
  readonly lockFile: string;
  /** Who holds the namespaces of an ordinary user's lab. */
  readonly holderFile: string;
}

/**
 * The name becomes a folder that `down` removes with all that is in it: one that climbs out is refused here, for every
 * command. @throws FaultError bad-value
 */
export const placeOf = (name: string, base: string): LabPlace => {
  if (!isLabName(name))
    throw new FaultError({
      kind: "bad-value",
      what: "--name",
      got: JSON.stringify(name),
      want: labNameWant,
      fix: "podwire lab up --name my-lab",
    });
  return {
    name,
    dir: join(base, name),
    stateFile: join(base, name, "state.json"),
    lockFile: join(base, `.${name}.lock`),
    holderFile: join(base, `.${name}.holder.json`),
  };
};

/** A node's own folders: what /etc/cni/net.d, /opt/cni/bin and /var/lib/cni are on a machine. */
export interface NodePlace {
  readonly confDir: string;
  readonly confFile: string;
  readonly binDir: string;
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Files of the node's own, such as etc/machine-id: `/` as checks see it, over the machine's. */
  readonly rootDir: string;
}

export const nodePlace = (place: LabPlace, node: Pick<LabNode, "name">): NodePlace => {
  const dir = join(place.dir, node.name);
  return {
    confDir: join(dir, "net.d"),
    confFile: join(dir, "net.d", "10-example-network.conf"),
    binDir: join(dir, "bin"),
    dataDir: join(dir, "ipam"),
    cacheDir: join(dir, "cache"),
    rootDir: join(dir, "root"),
  };
};
