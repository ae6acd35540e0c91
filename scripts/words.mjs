/** What every script shares: where the repository is, words on stderr, and running a program. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const say = (line) => process.stderr.write(`${line}\n`);

/** Ends the process: what was seen, and the command that mends it. */
export const fail = (seen, mend) => {
  say(`podwire: ${seen}`);
  if (mend) say(`         ${mend}`);
  process.exit(1);
};

/** Runs a program with our own stdio and gives its exit code; a signal counts as 128 + its number would. */
export const pass = (program, args, options = {}) => {
  const done = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (done.error) return { code: 127, why: done.error.message };
  return done.signal ? { code: 128, why: `ended by ${done.signal}` } : { code: done.status ?? 1, why: "" };
};

/** Runs a program and keeps what it wrote: `{ code, out, text }`, where `text` is stdout and stderr together. */
export const capture = (program, args, options = {}) => {
  const done = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
    ...options,
  });
  const out = done.stdout ?? "";
  const ended = done.error?.message ?? (done.signal ? `ended by ${done.signal}` : "");
  return { code: done.status ?? 1, out, text: `${out}${done.stderr ?? ""}${ended}`.trim() };
};

/** Every file below a folder of the repository, sorted, as paths from its root. A folder that is not there has none. */
export const filesBelow = (folder) => {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
};

/** SHA-256 over names and contents of files, and any further words. */
export const hashOf = (files, ...words) => {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`${word}\0`);
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
};
