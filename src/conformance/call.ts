/** One call of a plugin: environment and stdin in, exit status, stdout and stderr out. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran, Stage } from "./stage.ts";

export interface Call {
  readonly plugin: string;
  /** Its file. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** After that it is killed. */
export const PATIENCE_MS = 60_000;

let count = 0;

/**
 * Runs it on the stage's host. Its streams are files, not pipes: what the plugin leaves running cannot keep us waiting.
 * @returns exit 128 + n when signal n ended it
 */
export const callPlugin = async (stage: Stage, call: Call): Promise<Ran> => {
  const file = (name: string): string => join(stage.work, `.${name}-${count}`);
  count++;
  const [stdin, stdout, stderr] = [file("stdin"), file("stdout"), file("stderr")];
  writeFileSync(stdin, call.stdin);
  writeFileSync(stdout, "");
  writeFileSync(stderr, "");
  const child = stage.enter("host", () =>
    Bun.spawn([call.program], {
      env: call.env,
      cwd: "/",
      stdin: Bun.file(stdin),
      stdout: Bun.file(stdout),
      stderr: Bun.file(stderr),
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    }),
  );
  const exit = await child.exited;
  return { exit, stdout: readFileSync(stdout, "utf8"), stderr: readFileSync(stderr, "utf8") };
};

/** Every variable name that the specification gives a meaning, in its order. */
const known = ["CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH"];

const quoted = (text: string): string => (/^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The call as lines that a person would type. */
export const callLines = (stage: Stage, { env, program, stdin }: Call): string => {
  const names = [
    ...known.filter((name) => name in env),
    ...Object.keys(env).filter((name) => /^(?!CNI_|PATH$)/.test(name)),
  ];
  const vars = names.map((name) => `${name}=${quoted(env[name] ?? "")}`).join(" ");
  return `${vars} \\\n  ip netns exec ${stage.nameOf("host")} ${program} <<'JSON'\n${stdin}\nJSON`;
};
