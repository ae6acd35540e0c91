/** Chapters, plugins and versions become cases: one for each plugin that a chapter is about and each version. Pure. */
import { mergeAll } from "./config.ts";
import { newestOf } from "./plugins.ts";
import { type CaseSpec, type Chapter, type CniVersion, cniVersions } from "./schema.ts";
import type { Case, FoundPlugin } from "./types.ts";

/** What all cases of a plugin share: its chapter that names a `kind`. */
type Bases = ReadonlyMap<string, Chapter>;

const basesOf = (chapters: readonly Chapter[]): Bases =>
  new Map(chapters.flatMap((c) => (c.plugin !== undefined && c.kind !== undefined ? [[c.plugin, c]] : [])));

/** The plugins a chapter is about. A plugin that is not there is asked for by its own chapter only. */
const subjects = (chapter: Chapter, bases: Bases, plugins: readonly FoundPlugin[]): string[] => {
  if (chapter.plugin !== undefined) return [chapter.plugin];
  const present = plugins.map((p) => p.name);
  return chapter.group === "any" ? present : present.filter((name) => bases.get(name)?.kind === chapter.group);
};

interface Run {
  readonly version: CniVersion;
  readonly skip?: string;
}

/** The reason of a case whose plugin is not there. */
export const notInFolder = "the plugin is not in the folder";

const NEWEST: CniVersion = "1.1.0";

/** Versions to run a case with, and why not. */
const runsOf = (spec: CaseSpec, chapter: Chapter, plugin: FoundPlugin): Run[] => {
  const newest = newestOf(plugin);
  if (newest === undefined) {
    // It must answer VERSION: that is for the chapter to judge that is about every plugin.
    if (chapter.group === "any") return [{ version: "1.0.0" }];
    return [{ version: NEWEST, skip: plugin.trouble ?? `${plugin.name} claims no version that is known here` }];
  }
  const wanted = spec.versions ?? "newest";
  if (wanted === "newest") return [{ version: newest }];
  const all = wanted === "all" ? cniVersions.filter((version) => plugin.versions.includes(version)) : wanted;
  return all.map((version) =>
    plugin.versions.includes(version) ? { version } : { version, skip: `the plugin does not claim CNI ${version}` },
  );
};

const casesOf = (spec: CaseSpec, chapter: Chapter, name: string, bases: Bases, plugins: readonly FoundPlugin[]) => {
  const base = bases.get(name);
  const others = base !== undefined && base !== chapter ? [base, chapter] : [chapter];
  // What holds for every plugin is tried without the surroundings that this one works in.
  const around = chapter.group === "any" ? [chapter] : others;
  const uses = [...around.flatMap((c) => c.uses ?? []), ...(spec.uses ?? [])];
  const plugin = plugins.find((p) => p.name === name);
  const lacks = uses.filter((other) => !plugins.some((p) => p.name === other));
  const runs: Run[] = plugin ? runsOf(spec, chapter, plugin) : [{ version: NEWEST, skip: notInFolder }];
  return runs.map(
    ({ version, skip = lacks.map((x) => `needs ${x}, which is not in the folder`)[0] }): Case => ({
      id: `${name}/${spec.id}@${version}`,
      plugin: name,
      version,
      title: spec.title,
      clause: spec.clause ?? chapter.clause,
      level: spec.level ?? "must",
      config: mergeAll(...others.map((c) => c.config), spec.config),
      needs: [...new Set([...around.flatMap((c) => c.needs ?? []), ...(spec.needs ?? [])])],
      uses,
      setup: [...around.map((c) => c.setup), spec.setup].filter((lines) => lines !== undefined),
      spec,
      ...(skip === undefined ? {} : { skip }),
    }),
  );
};

/** All cases, in the order of the chapters. */
export const expand = (chapters: readonly Chapter[], plugins: readonly FoundPlugin[]): Case[] => {
  const bases = basesOf(chapters);
  return chapters.flatMap((chapter) =>
    subjects(chapter, bases, plugins).flatMap((name) =>
      chapter.cases
        .filter((spec) => spec.only?.includes(name) ?? true)
        .filter((spec) => !spec.except?.includes(name))
        .flatMap((spec) => casesOf(spec, chapter, name, bases, plugins)),
    ),
  );
};

/** `*` stands for any characters, `?` for one. A pattern without `/` or `@` may fit anywhere in an id. */
export const idMatcher = (pattern: string): ((id: string) => boolean) => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const whole = new RegExp(/[/@]/.test(pattern) ? `^${source}(@.*)?$` : source);
  return (id) => whole.test(id);
};
