/**
 * A node that is reached by ssh: the podwire that is in PATH there, or this executable, which is sent, started and no more there
 * before it says its first word. The token goes through ssh, never onto a command line.
 */
import { readFileSync } from "node:fs";
import { FaultError } from "../../../base/fault.ts";
import { type Program, startProgram } from "./program.ts";

/** How `uname -m` calls what this executable is built for. */
const machine = { x64: "x86_64", arm64: "aarch64" } as const;

/** Arguments without spaces and quotes: they go through two shells. */
const plain = /^[A-Za-z0-9_.,:/=-]+$/;

/**
 * Run by the login shell there. An executable that was removed runs on by its open descriptor, so that nothing is left
 * even when the machine loses its power. The address by which ssh comes is the one at which the node is tried.
 */
export const scriptFor = (args: readonly string[], size: number): string => {
  if (!args.every((word) => plain.test(word))) throw new TypeError(`not plain: ${args.join(" ")}`);
  const line = `${args.join(" ")} $at`;
  return `set -e
root=; [ "$(id -u)" = 0 ] || ! sudo -n true 2>/dev/null || root="sudo -n"
set -- $SSH_CONNECTION
at=\${3:+--node-ip $3}
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin
if command -v podwire >/dev/null; then exec $root podwire ${line}; fi
f=$(mktemp); trap 'rm -f "$f"' EXIT HUP INT TERM
echo "podwire: send $(uname -m)"
head -c ${size} >"$f"
chmod 700 "$f"
if [ -n "$root" ]; then $root "$f" ${line}; exit; fi
exec 3<"$f"
rm -f "$f"
exec $root /proc/self/fd/3 ${line}`;
};

export interface SshOptions {
  /** `user@host`, as ssh takes it. */
  readonly target: string;
  /** What podwire is started with there. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The executable to send. */
  readonly executable: string;
}

/** Milliseconds: a password may have to be typed, and an executable sent. */
const patience = 120_000;

/** Started and ready for the token. @throws FaultError no-answer, unavailable */
export const startBySsh = async ({ target, args, env, executable }: SshOptions): Promise<Program> => {
  if (target.startsWith("-"))
    throw new FaultError({ kind: "bad-value", what: "--ssh", got: target, want: "user@host" });
  const bytes = readFileSync(executable);
  const script = scriptFor(args, bytes.length);
  const argv = ["ssh", "-o", "ConnectTimeout=10", "-T", target, `sh -c '${script.replaceAll("'", `'\\''`)}'`];
  const program = startProgram({ who: target, argv, env, patience });
  const first = await program.line();
  if (first === "ready") return program;
  const [, theirs] = /^send (\S+)$/.exec(first) ?? [];
  const ours = machine[process.arch as keyof typeof machine];
  if (theirs !== ours) {
    program.kill();
    const why = `${target} is ${theirs ?? "of an unknown kind"} and has no podwire in PATH; this one is for ${ours}`;
    throw new FaultError({ kind: "unavailable", why, fix: `scp the podwire for it to ${target}:/usr/local/bin` });
  }
  await program.write(bytes);
  if ((await program.line()) === "ready") return program;
  throw new FaultError({ kind: "no-answer", who: `listener on ${target}`, why: "what was sent does not run there" });
};
