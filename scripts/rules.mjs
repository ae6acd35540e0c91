/** Rules of the repository that no linter knows. Each gives the list of what breaks it, in words. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { capture, filesBelow, root } from "./words.mjs";

/**
 * Folders whose members must be in a registry. `members` says what counts as one: every folder, or every file that is
 * not a test; what the members share is named in `but`.
 */
const registries = [
  { folder: "src/cni/plugins", members: "folders", but: ["testing"] },
  { folder: "src/app/commands", members: "files" },
  { folder: "src/kernel/codec/link-kinds", members: "files" },
  { folder: "src/kernel/codec/tc-kinds", members: "files", but: ["rate-spec.ts", "actions.ts", "mirred.ts"] },
  { folder: "src/node/checks", members: "files" },
  { folder: "src/node/between", members: "files", but: ["between.ts"] },
  { folder: "src/agent/stores", members: "files" },
  { folder: "src/agent/backends", members: "files" },
  { folder: "src/lab/faults", members: "files" },
  { folder: "src/conformance/cases", members: "files", ending: ".yaml" },
  { folder: "bench/cases", members: "files" },
];

const longest = 300;

/** Names that say nothing of what is in the file. */
const vague = /(^|\/)(utils?|helpers?|common|misc)(\.|\/|$)/;

/** Where the outside world comes in: arguments, environment, standard streams, exit code. */
const edges = /^src\/(app\/|cni\/skel)|\.test\.ts$|\/testing\//;
const edge = /\bprocess\.(argv|env|stdin|stdout|stderr|exit|exitCode)\b|\bBun\.(argv|env|stdin|stdout|stderr)\b/;

/** Spelled in halves, so that this file does not find itself. */
const unfinished = new RegExp(
  `\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b|not (yet )?implemen${"ted"}`,
);

const read = (file) => readFileSync(join(root, file), "utf8");
const numbered = (file) =>
  read(file)
    .split("\n")
    .map((text, index) => ({ at: `${file}:${index + 1}`, text }));

/** Files that git has or would take, without pictures and the like. The clone may belong to another user. */
const tracked = () => {
  const listed = capture("git", ["-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"]);
  if (listed.code !== 0) throw new Error(`git ls-files: ${listed.text}`);
  return listed.out
    .split("\n")
    .filter((file) => file && existsSync(join(root, file)) && !/\.(png|jpg|gif|pcap|bin|gz)$/.test(file));
};

export const everyMemberRegistered = () =>
  registries.flatMap(({ folder, members, ending = ".ts", but = [] }) => {
    if (!existsSync(join(root, folder))) return [];
    const wanted = readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => (members === "folders" ? entry.isDirectory() : entry.name.endsWith(ending)))
      .map((entry) => entry.name)
      .filter((name) => name !== "registry.ts" && !name.endsWith(".test.ts") && !but.includes(name));
    const registry = `${folder}/registry.ts`;
    if (!existsSync(join(root, registry))) return wanted.length > 0 ? [`${registry} is missing`] : [];
    const text = read(registry);
    return wanted
      .filter((name) => !text.includes(`"./${name}${members === "folders" ? "/" : '"'}`))
      .map((name) => `${folder}/${name} is not in ${registry}`);
  });

export const shortAndNamedWell = () =>
  filesBelow("src")
    .concat(filesBelow("scripts"))
    .flatMap((file) => {
      const lines = read(file).split("\n").length - 1;
      return [
        ...(lines > longest ? [`${file} has ${lines} lines; ${longest} is the most: split it by idea`] : []),
        ...(vague.test(file) ? [`${file}: name it by what is in it`] : []),
      ];
    });

export const edgesOnly = () =>
  filesBelow("src")
    .filter((file) => file.endsWith(".ts") && !edges.test(file))
    .flatMap((file) => numbered(file).filter((line) => !/^\s*(\*|\/\/|\/\*)/.test(line.text)))
    .filter((line) => edge.test(line.text))
    .map((line) => `${line.at}: arguments, environment, streams and exit code belong to src/app and src/cni/skel.ts`);

export const nothingUnfinished = () =>
  tracked()
    .filter((file) => file !== "package-lock.json")
    .flatMap(numbered)
    .filter((line) => unfinished.test(line.text))
    .map((line) => `${line.at}: ${line.text.trim()}`);

/** Folders of the machine at hand, from this checkout and the home folder up, but none that every machine has. */
const privateFolders = () => {
  const everywhere = [
    "",
    "/",
    "/home",
    "/root",
    "/tmp",
    "/var",
    "/var/tmp",
    "/usr",
    "/usr/src",
    "/opt",
    "/srv",
    "/mnt",
    "/run",
  ];
  const upwards = (path) => path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  return [...upwards(root), ...upwards(homedir())].filter((path) => !everywhere.includes(path));
};

export const nothingPrivate = () => {
  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const places = [...privateFolders().map(literal), "/home/[a-z]", "/Users/[A-Za-z]"];
  const named = new RegExp(`(?<![\\w.\\-/])(${places.join("|")})(?![\\w-])`);
  return [
    ...tracked()
      .flatMap(numbered)
      .filter((line) => named.test(line.text))
      .map((line) => `${line.at} names a folder of one machine: ${line.text.trim()}`),
    ...(/"resolved":\s*"http/.test(read("package-lock.json")) ? ["package-lock.json names a registry's address"] : []),
  ];
};
