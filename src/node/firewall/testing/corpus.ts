/** Rulesets of tests as data: how each is loaded, and what becomes of which packets. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Fate } from "../simulate/verdict.ts";

/** One thing that is loaded: the program, and what it is given. */
export interface Load {
  readonly nft?: string;
  /** Of `iptables-nft-restore`. */
  readonly iptables?: string;
  readonly ip6tables?: string;
  /** Of `iptables-legacy-restore`. */
  readonly legacy?: string;
  readonly legacy6?: string;
  /** Of either: a case of two. */
  readonly both?: string;
  readonly both6?: string;
  /** A script of a shell, in the host's namespace and with mounts of its own. */
  readonly sh?: string;
}

export interface Case {
  readonly name: string;
  readonly file: string;
  readonly load: readonly Load[];
  /** `tcp/6443 from 10.0.0.5`: its fate, and behind it who decides, when that is told. */
  readonly packets: Readonly<Record<string, string>>;
}

/** The older iptables is not in every kernel. */
export const isLegacy = (c: Case): boolean => c.load.some((l) => l.legacy !== undefined || l.legacy6 !== undefined);

const folder = join(import.meta.dir, "corpus");

/** One case by iptables-nft, and one by the older iptables. */
const apart = (c: Case): Case[] => {
  if (!c.load.some((l) => l.both ?? l.both6)) return [c];
  return (["iptables", "legacy"] as const).map((way) => ({
    ...c,
    name: `${c.name} (${way === "legacy" ? "iptables-legacy" : "iptables-nft"})`,
    load: c.load.map((l): Load => {
      if (l.both !== undefined) return { [way]: l.both };
      return l.both6 === undefined ? l : { [way === "legacy" ? "legacy6" : "ip6tables"]: l.both6 };
    }),
  }));
};

export const corpus = (): Case[] =>
  readdirSync(folder)
    .filter((f) => f.endsWith(".yaml"))
    .sort()
    .flatMap((file) =>
      (parse(readFileSync(join(folder, file), "utf8")) as Omit<Case, "file">[]).map((c) => ({ ...c, file })),
    )
    .flatMap(apart);

/** `dropped by firewalld` */
export const wantOf = (text: string): { readonly fate: Fate; readonly owner?: string } => {
  const [fate, , owner] = text.split(" ");
  return { fate: fate as Fate, ...(owner !== undefined && { owner }) };
};
