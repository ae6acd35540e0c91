/**
 * A lab of an ordinary user lives in a user, mount and network namespace that one sleeping process holds open. Entering
 * them needs a process of one thread, which we are not: util-linux's `unshare` and `nsenter` are.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FaultError } from "../../base/fault.ts";
import { execProgram, findProgram } from "../../kernel/os/exec.ts";
import { endProcessesIn } from "../../kernel/os/ns-processes.ts";
import { startOf } from "../../kernel/os/proc.ts";
import type { ProcessMark } from "../../kernel/os/process-list.ts";
import { selfCommand } from "../../kernel/os/self.ts";
import { type Env, type LabPlace, labsDir } from "../place.ts";
import { insideVariable } from "./privilege.ts";

export type Holder = ProcessMark;

/** The living holder of a lab. */
export const findHolder = (place: LabPlace): Holder | undefined => {
  try {
    const holder = JSON.parse(readFileSync(place.holderFile, "utf8")) as Holder;
    return startOf(holder.pid) === holder.start ? holder : undefined;
  } catch {
    return undefined;
  }
};

const tool = (name: string, env: Env): string => {
  try {
    return findProgram(name, `${env.PATH ?? ""}:/usr/bin:/bin`);
  } catch {
    const why = `a lab without root needs the program ${name}, which is not here`;
    throw new FaultError({ kind: "unavailable", why, fix: "apt-get install util-linux, or use sudo" });
  }
};

/**
 * Inside the new namespaces: a /run of its own, so that names of namespaces can be made there; the user's run-time
 * folder stays in it. Then it says so, and sleeps. The shell becomes the sleeper: one small process stays.
 */
const script = `set -e
if [ -n "$1" ]; then
  exec 3<"$1"
  mount -t tmpfs -o mode=0755 podwire /run
  mkdir -p "$1"
  mount --bind /proc/self/fd/3 "$1"
  exec 3<&-
else
  mount -t tmpfs -o mode=0755 podwire /run
fi
mkdir -p /run/netns
ip link set lo up 2>/dev/null || true
echo ready
exec sleep infinity >/dev/null 2>&1`;

/** Starts the holder and waits until it is ready. @throws FaultError unavailable where user namespaces are off */
export const startHolder = async (place: LabPlace, env: Env): Promise<Holder> => {
  mkdirSync(dirname(place.holderFile), { recursive: true, mode: 0o700 });
  const kept = env.XDG_RUNTIME_DIR?.startsWith("/run/") ? env.XDG_RUNTIME_DIR : "";
  const namespaces = ["--user", "--map-root-user", "--net", "--mount", "--propagation", "private"];
  const command = [tool("unshare", env), ...namespaces, "/bin/sh", "-c", script, "podwire-lab", kept];
  const child = Bun.spawn([tool("setsid", env), ...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    cwd: "/",
  });
  const first = await child.stdout.getReader().read();
  if (!first.value || !new TextDecoder().decode(first.value).startsWith("ready")) {
    const said = (await new Response(child.stderr).text()).trim().split("\n").at(-1);
    throw new FaultError({
      kind: "unavailable",
      why: `this kernel gives an ordinary user no namespaces of his own: ${said || "unshare failed"}`,
      fix: "sysctl -w user.max_user_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0, or use sudo",
    });
  }
  child.unref();
  const holder = { pid: child.pid, start: startOf(child.pid) ?? "" };
  writeFileSync(place.holderFile, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  return holder;
};

/** Ends the holder, and with it everything it held. */
export const stopHolder = (place: LabPlace): boolean => {
  const holder = findHolder(place);
  // Its user namespace has everything in it that was ever started inside, the holder itself too.
  if (holder) endProcessesIn("user", [`/proc/${holder.pid}/ns/user`]);
  rmSync(place.holderFile, { force: true });
  return holder !== undefined;
};

/** Goes on inside the holder's namespaces, as the same process on the same terminal. Does not come back. */
export const continueInside = (holder: Holder, place: LabPlace, argv: readonly string[], env: Env): never => {
  const nsenter = tool("nsenter", env);
  const enter = [
    "-t",
    `${holder.pid}`,
    "--user",
    "--mount",
    "--net",
    "--preserve-credentials",
    `--wd=${process.cwd()}`,
  ];
  const kept = Object.entries(env).filter((e): e is [string, string] => e[1] !== undefined);
  return execProgram(nsenter, ["nsenter", ...enter, "--", ...selfCommand(), ...argv], {
    ...Object.fromEntries(kept),
    PODWIRE_LAB_HOME: labsDir(env),
    [insideVariable]: place.name,
  });
};
