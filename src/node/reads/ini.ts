/** Files of sections, keys and values, with drop-ins, as systemd and NetworkManager have them. */
import type { Host } from "../host.ts";

export interface IniValue {
  readonly value: string;
  readonly path: string;
}

/** Values of a key in a section, in their order, as the text has them. */
export const iniValues = (text: string, section: string, key: string): string[] => {
  let here = "";
  const found: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line.startsWith("#") || line.startsWith(";")) continue;
    const head = /^\[(.+)\]$/.exec(line);
    if (head?.[1] !== undefined) here = head[1];
    const at = line.indexOf("=");
    if (at > 0 && here === section && line.slice(0, at).trim() === key) found.push(line.slice(at + 1).trim());
  }
  return found;
};

/**
 * Files of a folder's name below several roots, by name; a file in an earlier root hides those of its name in the later.
 * @param ending such as `.conf`
 */
export const layeredFiles = (host: Host, roots: readonly string[], folder: string, ending: string): string[] => {
  const byName = new Map<string, string>();
  for (const root of roots)
    for (const name of host.list(`${root}/${folder}`))
      if (name.endsWith(ending) && !byName.has(name)) byName.set(name, `${root}/${folder}/${name}`);
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
};

/** The last of these files that says it. */
export const lastIni = (host: Host, paths: readonly string[], section: string, key: string): IniValue | undefined =>
  paths.flatMap((path) => iniValues(host.read(path) ?? "", section, key).map((value) => ({ value, path }))).at(-1);

/** Where systemd looks, the first hiding the others. */
export const systemdRoots = [
  "/etc/systemd",
  "/run/systemd",
  "/usr/local/lib/systemd",
  "/usr/lib/systemd",
  "/lib/systemd",
];

export const isNo = (text: string): boolean => ["no", "false", "0", "off"].includes(text.toLowerCase());
