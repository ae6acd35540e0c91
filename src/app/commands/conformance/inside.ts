/**
 * Before anything is judged, the command goes on in network and mount namespaces of its own, with an empty /run: nothing
 * that a plugin does reaches the machine, and all of it goes with the process, however that ends.
 */
import { spawnSync } from "node:child_process";
import { FaultError } from "../../../base/fault.ts";
import { execProgram, findProgram } from "../../../kernel/os/exec.ts";
import { selfCommand } from "../../../kernel/os/self.ts";
import { mayMakeNamespaces } from "../../../lab/user/privilege.ts";
import type { Io } from "../../cli/io.ts";

const insideVariable = "PODWIRE_CONFORMANCE_INSIDE";

export const isInside = (env: Io["env"]): boolean => env[insideVariable] !== undefined;

/** PATH for programs that stand in folders for the administrator alone. */
export const searchPath = (env: Io["env"]): string => `${env.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`;

/**
 * /run is made anew, over /tmp, and what is still wanted of the old one is carried over before it takes its place: no
 * folder of the machine is made or changed.
 */
const script = `set -e
mount -n -t tmpfs -o mode=0755 podwire /tmp
mkdir /tmp/netns
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then
    mkdir -p "/tmp\${1#/run}"
    mount -n --bind "$1" "/tmp\${1#/run}"
  fi
  shift
done
shift
mount -n --move /tmp /run
ip link set lo up
exec "$@"`;

const tool = (name: string, env: Io["env"], debian: string): string => {
  try {
    return findProgram(name, searchPath(env));
  } catch {
    const why = `the program ${name} is not here, and cases are played with it`;
    throw new FaultError({ kind: "unavailable", why, fix: `apt-get install ${debian}` });
  }
};

/** Does not come back. `keep` are folders whose place under /run is wanted inside. @throws FaultError unavailable */
export const continueInside = (keep: readonly string[], env: Io["env"]): never => {
  const unshare = tool("unshare", env, "util-linux");
  tool("ip", env, "iproute2");
  const user = mayMakeNamespaces() ? [] : ["--user", "--map-root-user"];
  const namespaces = [...user, "--net", "--mount", "--propagation", "private"];
  const tried = spawnSync(unshare, [...namespaces, "true"], { encoding: "utf8" });
  if (tried.status !== 0)
    throw new FaultError({
      kind: "unavailable",
      why: `this machine gives no namespaces to play in: ${tried.stderr.trim()}`,
      fix: "run it as root, or sysctl -w user.max_user_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0",
    });
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const carried = keep.filter((folder) => folder.startsWith("/run/"));
  const argv = [
    ...namespaces,
    "/bin/sh",
    "-c",
    script,
    "podwire",
    ...carried,
    "--",
    ...selfCommand(),
    ...process.argv.slice(2),
  ];
  return execProgram(unshare, ["unshare", ...argv], {
    ...Object.fromEntries(kept),
    PATH: searchPath(env),
    [insideVariable]: "1",
  });
};
