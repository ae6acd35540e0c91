/** `podwire node show`, once: reads a noun in one namespace or in all, and makes the text of it. */
import { FaultError, faultMessage, faultOf } from "../../base/fault.ts";
import { nearest } from "../../base/nearest.ts";
import { tableText } from "../../base/table.ts";
import { inspectNetns, listNetns, netnsPath } from "../../kernel/os/netns.ts";
import type { Kernel, Netns } from "../../net/kernel.ts";
import { linkNamer } from "./link-namer.ts";
import type { NamespaceFound } from "./namespaces.ts";
import type { ShowAsked } from "./noun.ts";
import type { AnyNoun } from "./nouns/registry.ts";
import { oneLine } from "./one-line.ts";

export type ShowForm = "table" | "wide" | "json";

/** Where to look: a name or path, every namespace, or where we are. */
export interface Where {
  readonly netns?: string | undefined;
  readonly all?: boolean | undefined;
}

/** A namespace that is looked into; `found` is there when all are. */
export interface Place {
  readonly ns: Netns;
  readonly found?: NamespaceFound;
}

export interface Places {
  readonly places: readonly Place[];
  /** What could not be looked into, in words. */
  readonly notes: readonly string[];
}

export const placesOf = async (kernel: Kernel, { netns, all }: Where): Promise<Places> => {
  if (!all) return { places: [{ ns: netns === undefined ? kernel.host : openNamed(kernel, netns) }], notes: [] };
  const { found, hidden } = (await import("./namespaces.ts")).findNamespaces();
  const places: Place[] = [];
  const notes: string[] = [];
  let refused: unknown;
  for (const one of found)
    try {
      const ns = kernel.open(one.path);
      // Opens the socket, which is what may not be allowed.
      ns.rt.linkName(0);
      places.push({ ns, found: one });
    } catch (error) {
      const fault = faultOf(error);
      // Its last process ended meanwhile.
      if (fault.kind === "bad-netns") continue;
      refused ??= error;
      notes.push(`namespace ${one.name}: ${faultMessage(fault)}`);
    }
  if (places.length === 0) throw refused;
  if (hidden > 0)
    notes.push(
      `${hidden} ${hidden === 1 ? "process" : "processes"} of others could not be looked at: namespaces that only they ` +
        "hold are missing; it takes root with CAP_SYS_PTRACE to know",
    );
  return { places, notes };
};

const openNamed = (kernel: Kernel, name: string): Netns => {
  const path = netnsPath(name);
  if (inspectNetns(path) !== "missing") return kernel.open(path);
  const near = name.includes("/") ? undefined : nearest(name, listNetns());
  throw new FaultError({
    kind: "bad-netns",
    path,
    why: `does not exist${near === undefined ? "" : `; did you mean ${near}?`}`,
    missing: true,
    fix: "ip netns list; podwire node show links --all-namespaces",
  });
};

export interface Shown {
  readonly out: string;
  readonly notes: readonly string[];
}

interface Read extends Place {
  rows: readonly object[];
}

export const show = async (
  kernel: Kernel,
  noun: AnyNoun,
  asked: ShowAsked,
  where: Where,
  form: ShowForm,
): Promise<Shown> => {
  const { places, notes } = await placesOf(kernel, where);
  if (noun.json && form === "json" && !where.all && asked.words.length === 0) {
    const { ns } = places[0]!;
    return { out: `${noun.json(ns, asked, linkNamer(ns))}\n`, notes };
  }
  // For people each link's kind is shown, which is one of the details.
  const wanted = form === "json" ? asked : { ...asked, details: true };
  const reads: Read[] = places.map((place) => ({ ...place, rows: noun.read(place.ns, wanted, linkNamer(place.ns)) }));
  const unknownOf = noun.enrich?.(reads.flatMap((r) => r.rows));
  if (asked.words.length > 0) choose(noun, reads, asked.words);
  const shown = reads.flatMap((r) => r.rows);
  // Heads alone look as if something had gone wrong.
  const none = form !== "json" && shown.length === 0 ? [["no", noun.name, ...asked.words].join(" ")] : [];
  return {
    out: textOf(noun, reads, where.all ?? false, form),
    notes: [...notes, ...none, ...(unknownOf?.(shown) ?? [])],
  };
};

/** In several namespaces a word is known when one knows it. */
const choose = (noun: AnyNoun, reads: readonly Read[], words: readonly string[]): void => {
  let first: unknown;
  let known = 0;
  for (const one of reads)
    try {
      one.rows = noun.choose(one.rows, words, one.ns);
      known++;
    } catch (error) {
      if (!(error instanceof FaultError && error.fault.kind === "not-found")) throw error;
      first ??= error;
      one.rows = reads.length > 1 ? anyOf(noun, one, words) : [];
    }
  if (known === 0 && reads.every((r) => r.rows.length === 0)) throw first;
};

/** What those of the words mean that mean something here. */
const anyOf = (noun: AnyNoun, { rows, ns }: Read, words: readonly string[]): object[] => {
  const found = new Set(
    words.flatMap((word) => {
      try {
        return noun.choose(rows, [word], ns);
      } catch {
        return []; // not known here
      }
    }),
  );
  return rows.filter((row) => found.has(row));
};

const apiVersion = "podwire.dev/v1alpha1";

const textOf = (noun: AnyNoun, reads: readonly Read[], all: boolean, form: ShowForm): string => {
  if (form !== "json") return tableOf(noun, reads, all, form === "wide");
  if (all) {
    const namespaces = reads.map(({ found, rows }) => ({ ...found, [noun.name]: rows }));
    return `${JSON.stringify({ apiVersion, kind: noun.kind, namespaces })}\n`;
  }
  const rows = reads[0]!.rows;
  return `${JSON.stringify(noun.asIp ? rows : { apiVersion, kind: noun.kind, [noun.name]: rows })}\n`;
};

const tableOf = (noun: AnyNoun, reads: readonly Read[], all: boolean, wide: boolean): string => {
  const columns = noun.columns.filter((c) => wide || !c.wide);
  const heads = [...(all ? ["NAMESPACE"] : []), ...columns.map((c) => c.head)];
  const lines = reads.flatMap(({ found, rows }) =>
    noun.lines(rows).map((line) => [...(found ? [found.name] : []), ...columns.map((c) => oneLine(c.cell(line)))]),
  );
  const right = columns.flatMap((c, i) => (c.right ? [i + (all ? 1 : 0)] : []));
  return tableText([heads, ...lines], { right });
};
