/** Plugins for tests of the runtime: shell scripts that note how they were called and do what the test wants. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Called {
  readonly plugin: string;
  readonly verb: string;
  readonly container: string;
  readonly ifname: string;
  readonly netns: string;
  readonly args: string;
  readonly stdin: Record<string, unknown>;
}

export interface FakeHost extends Disposable {
  readonly confDir: string;
  readonly binDir: string;
  readonly cacheDir: string;
  /** Makes plugins; without further word ADD prints a result whose only interface has the plugin's name. */
  plugins(...names: string[]): void;
  /** What a plugin does for a verb, in shell; `$stdin` is its config, `$dir` a folder for notes of its own. */
  does(plugin: string, verb: string, script: string): void;
  conf(file: string, text: string): string;
  /** Every call so far, in order. */
  calls(): Called[];
  /** `ADD a`, `DEL b`, ...: the calls so far, in short. */
  story(): string[];
  forget(): void;
}

/** The separator keeps each call one line and one write, so that plugins running together do not mix theirs. */
const script = `#!/bin/sh
dir=\${0%/*}; plugin=\${0##*/}
stdin=$(tr '\\n' ' ')
printf '%s\\037%s\\037%s\\037%s\\037%s\\037%s\\037%s\\n' "$plugin" "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_IFNAME" "$CNI_NETNS" "$CNI_ARGS" "$stdin" >> "$dir/calls"
if [ -f "$dir/$plugin.$CNI_COMMAND" ]; then . "$dir/$plugin.$CNI_COMMAND"; exit $?; fi
if [ "$CNI_COMMAND" = ADD ]; then printf '{"cniVersion":"1.0.0","interfaces":[{"name":"%s"}]}' "$plugin"; fi
if [ "$CNI_COMMAND" = VERSION ]; then printf '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}'; fi
`;

export const fakeHost = (): FakeHost => {
  const root = mkdtempSync(join(tmpdir(), "podwire-runtime-"));
  const at = (name: string): string => join(root, name);
  const [confDir, binDir, cacheDir] = [at("net.d"), at("bin"), at("cache")];
  for (const dir of [confDir, binDir]) mkdirSync(dir);
  const notes = join(binDir, "calls");
  const calls = (): Called[] =>
    (existsSync(notes) ? readFileSync(notes, "utf8") : "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [plugin = "", verb = "", container = "", ifname = "", netns = "", args = "", stdin = ""] =
          line.split("\u001f");
        return { plugin, verb, container, ifname, netns, args, stdin: JSON.parse(stdin) as Record<string, unknown> };
      });
  return {
    confDir,
    binDir,
    cacheDir,
    plugins: (...names) => {
      for (const name of names) {
        writeFileSync(join(binDir, name), script);
        chmodSync(join(binDir, name), 0o755);
      }
    },
    does: (plugin, verb, text) => writeFileSync(join(binDir, `${plugin}.${verb}`), `${text}\n`),
    conf: (file, text) => {
      const path = join(confDir, file);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    calls,
    story: () => calls().map((c) => `${c.verb} ${c.plugin}`),
    forget: () => rmSync(notes, { force: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
};
