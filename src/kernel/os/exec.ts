/** Becoming another program: execve(2). Descriptors 0, 1 and 2, the terminal and the process id stay as they are. */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { FaultError } from "../../base/fault.ts";
import { addressOf, cstr, must, sys } from "./syscall.ts";

/** Array of pointers to NUL-terminated strings, itself ended by NULL. `keep` must outlive the call. */
const vector = (texts: readonly string[], keep: Uint8Array[]): Uint8Array => {
  const pointers = new BigUint64Array(texts.length + 1);
  for (const [i, text] of texts.entries()) {
    const bytes = cstr(text);
    keep.push(bytes);
    pointers[i] = addressOf(bytes);
  }
  return new Uint8Array(pointers.buffer);
};

/** SIGPIPE, SIGXFSZ: the run-time ignores them, and what is ignored stays so after execve. */
const ignored = [13, 25];

/** Back to the default: struct sigaction of zeros. */
const restoreSignals = (): void => {
  for (const signal of ignored) sys("rt_sigaction", signal, new Uint8Array(32), null, 8);
};

/** Never comes back, unless the kernel refuses. @throws FaultError kernel, permission */
export const execProgram = (file: string, argv: readonly string[], env: Readonly<Record<string, string>>): never => {
  const keep: Uint8Array[] = [];
  const args = vector(argv, keep);
  const vars = vector(
    Object.entries(env).map(([k, v]) => `${k}=${v}`),
    keep,
  );
  restoreSignals();
  must(sys("execve", cstr(file), args, vars), `run ${file}`, "the permission to execute it");
  throw new Error(`execve of ${file} came back (${keep.length} strings)`);
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** Path of a program as a shell finds it. @throws FaultError not-found, naming where it was looked for */
export const findProgram = (name: string, path: string): string => {
  if (name.includes("/")) {
    if (isProgram(name)) return name;
    throw new FaultError({ kind: "not-found", what: `program ${name}`, why: "there is no such executable file" });
  }
  const found = path
    .split(":")
    .map((dir) => join(dir || ".", name))
    .find(isProgram);
  if (found) return found;
  throw new FaultError({ kind: "not-found", what: `program ${name}`, why: `is in no folder of PATH (${path})` });
};
