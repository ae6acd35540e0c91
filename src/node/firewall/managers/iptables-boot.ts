/** Files in the form of iptables-save, which a service loads at boot. Pure. */
import type { Family } from "../../../base/ip.ts";
import { withoutPart, withPart } from "../boot-text.ts";
import type { BootFile } from "../manager.ts";
import type { Surroundings } from "../surroundings.ts";

/** Debian's iptables-persistent, Red Hat's iptables-services. */
const files = (family: Family): readonly string[] =>
  family === 4
    ? ["/etc/iptables/rules.v4", "/etc/sysconfig/iptables"]
    : ["/etc/iptables/rules.v6", "/etc/sysconfig/ip6tables"];

/** A rule, with the chain to put it in where the file has none of the first name. */
export interface SavedRule {
  readonly chain: string;
  readonly otherwise?: string;
  readonly words: readonly string[];
}

/** A word as iptables-save quotes it. */
const saved = (word: string): string => (/\s/.test(word) ? `"${word}"` : word);

const isOurs = (line: string): boolean => /--comment "?podwire: /.test(line);

/** Our rules as we wrote them, and as iptables-save wrote them after that. */
export const withoutRules = (text: string): string =>
  withoutPart(text)
    .split("\n")
    .filter((line) => !isOurs(line))
    .join("\n");

/** Before the first rule of the filter table; a file without that table gets one. */
export const withRules = (text: string, rules: readonly SavedRule[]): string => {
  const bare = withoutRules(text);
  if (rules.length === 0) return bare;
  const all = bare.split("\n");
  const start = all.indexOf("*filter");
  const at = start < 0 ? -1 : all.findIndex((line, i) => i > start && /^(\[\d+:\d+\] )?-|^COMMIT/.test(line));
  const chains = start < 0 ? [] : all.slice(start, at).map((line) => /^:(\S+)/.exec(line)?.[1]);
  const lines = rules.map(({ chain, otherwise, words }) => {
    const name = otherwise !== undefined && !chains.includes(chain) ? otherwise : chain;
    return ["-A", name, ...words.map(saved)].join(" ");
  });
  if (at < 0) return withPart(bare, ["*filter", ...lines, "COMMIT"]);
  return [...all.slice(0, at), ...lines, ...all.slice(at)].join("\n");
};

export const bootFiles = (family: Family, rules: readonly SavedRule[], { read }: Surroundings): BootFile[] =>
  files(family)
    .filter((path) => read(path) !== undefined)
    .map((path) => ({ path, withLines: (text) => withRules(text, rules) }));
