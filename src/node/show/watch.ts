/** `--watch`: a noun's changes as the kernel tells of them. A copy of the state says what is new, gone or different. */
import { FaultError } from "../../base/fault.ts";
import type { Message } from "../../kernel/codec/message.ts";
import { receivedBytes } from "../../kernel/codec/received.ts";
import type { EventGroup } from "../../kernel/conn/change.ts";
import { openEventsAs } from "../../kernel/conn/events.ts";
import { linkNamer } from "./link-namer.ts";
import type { Followed, ShowAsked, Watch } from "./noun.ts";
import type { AnyNoun } from "./nouns/registry.ts";
import { oneLine } from "./one-line.ts";
import type { Place } from "./show.ts";

export type Sign = "+" | "-" | "~";
export interface Seen {
  readonly sign: Sign;
  readonly row: object;
  /** What it was, of one that changed. */
  readonly was?: object;
}

const NLM_F_REPLACE = 0x100;
/** RTM_NEW* of each group; RTM_DEL* is the next number. */
const types: Readonly<Record<EventGroup, number>> = { link: 16, address: 20, route: 24, neighbour: 28, rule: 32 };

/** Timers of bridges run down; they are no change. */
const same = (a: object, b: object): boolean => textOf(a) === textOf(b);
const textOf = (row: object): string =>
  JSON.stringify(row, (key, value: unknown) => (isTimer(key) ? undefined : value));
const isTimer = (key: string): boolean => key.endsWith("_timer");

/** The state so far. */
export class Copy {
  private readonly rows = new Map<string, object[]>();
  private readonly many: boolean;

  constructor(many: boolean, start: readonly Followed[]) {
    this.many = many;
    for (const { key, row } of start) this.rows.set(key, [...(this.rows.get(key) ?? []), row]);
  }

  /** What the kernel said is there; undefined when we knew. */
  add({ key, row }: Followed, replaces: boolean): Seen | undefined {
    const list = this.rows.get(key) ?? [];
    if (list.some((x) => same(x, row))) return undefined;
    const was = this.many && !replaces ? undefined : list[0];
    this.rows.set(key, [row, ...(was === undefined ? list : list.slice(1))]);
    return was === undefined ? { sign: "+", row } : { sign: "~", row, was };
  }

  remove({ key, row }: Followed): Seen | undefined {
    const list = this.rows.get(key) ?? [];
    // What goes may be told of with other settings than it had.
    const gone = list.find((x) => same(x, row)) ?? (list.length === 1 ? list[0] : undefined);
    if (gone === undefined) return undefined;
    const rest = list.filter((x) => x !== gone);
    if (rest.length === 0) this.rows.delete(key);
    else this.rows.set(key, rest);
    return { sign: "-", row: gone };
  }

  /** The whole state, read anew: what differs from what we knew. */
  replace(now: readonly Followed[]): Seen[] {
    const fresh = new Copy(this.many, now);
    const seen: Seen[] = [];
    for (const [key, list] of this.rows) {
      const others = fresh.rows.get(key) ?? [];
      const gone = list.filter((x) => !others.some((y) => same(x, y)));
      const come = others.filter((y) => !list.some((x) => same(x, y)));
      for (const [i, row] of gone.entries())
        seen.push(come[i] === undefined ? { sign: "-", row } : { sign: "~", row: come[i], was: row });
      for (const row of come.slice(gone.length)) seen.push({ sign: "+", row });
    }
    for (const [key, list] of fresh.rows)
      if (!this.rows.has(key)) for (const row of list) seen.push({ sign: "+", row });
    this.rows.clear();
    for (const [key, list] of fresh.rows) this.rows.set(key, list);
    return seen;
  }
}

export const watchOf = (noun: AnyNoun): Watch<object> => {
  if (noun.watch) return noun.watch;
  throw new FaultError({
    kind: "unavailable",
    why: `--watch ${noun.name}: the kernel tells of no socket that begins to listen`,
    fix: `watch -n 1 podwire node show ${noun.name}`,
  });
};

/**
 * Tells `tell` of every change until `signal` aborts. `lost` is called when changes were lost and all was read anew, and
 * `ready` once nothing that comes can be missed.
 */
export const follow = async (
  { ns }: Place,
  noun: AnyNoun,
  asked: ShowAsked,
  on: { readonly tell: (seen: Seen) => void; readonly lost: () => void; readonly ready: () => void },
  signal: AbortSignal,
): Promise<void> => {
  const watch = watchOf(noun);
  const own = watch.groups.map((g) => types[g]);
  const groups = [...watch.groups, ...(watch.unsaid ?? [])];
  using events = openEventsAs((m: Message) => ({ m }), { groups, ...(ns.fd === undefined ? {} : { netns: ns.fd }) });
  const all = (): readonly Followed[] => {
    const link = linkNamer(ns);
    const rows = noun.read(ns, asked, link);
    return watch.rows(asked.words.length === 0 ? rows : chosen(noun, rows, asked, ns));
  };
  const copy = new Copy(watch.many ?? false, all());
  on.ready();
  let stale = false;
  for (;;) {
    // Many come at once when a link goes: one look is enough for all.
    if (stale && !events.waiting()) {
      stale = false;
      for (const seen of copy.replace(all())) on.tell(seen);
    }
    const event = await events.next(signal);
    if (event === undefined) return;
    if ("overrun" in event) {
      on.lost();
      stale = true;
      continue;
    }
    const { type, flags, payload } = event.m;
    if (!own.includes(type) && !own.includes(type - 1)) {
      stale = true;
      continue;
    }
    // A name may have changed since the last message.
    const found = watch.read(asked, linkNamer(ns))(receivedBytes(payload), 0, payload.length);
    if (!found) continue;
    const seen = own.includes(type) ? copy.add(found, (flags & NLM_F_REPLACE) !== 0) : copy.remove(found);
    if (seen) on.tell(seen);
  }
};

/** A word may come to mean something later. */
const chosen = (noun: AnyNoun, rows: readonly object[], { words }: ShowAsked, ns: Place["ns"]): object[] => {
  const found = new Set(
    words.flatMap((word) => {
      try {
        return noun.choose(rows, [word], ns);
      } catch {
        return [];
      }
    }),
  );
  return rows.filter((row) => found.has(row));
};

/** 13:05:01.123, of the machine's own time zone. */
export const clockText = (at: Date): string =>
  `${[at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":")}.${String(at.getMilliseconds()).padStart(3, "0")}`;

/** One change as a line for people: what it is now, and of what changed what it was. */
export const seenText = (noun: AnyNoun, { sign, row, was }: Seen, at: Date, namespace?: string): string => {
  const line = noun.line(row);
  const before = was && noun.line(was);
  const cells = noun.columns
    .filter((c) => !c.wide)
    .map((c) => ({ now: oneLine(c.cell(line)), was: before && oneLine(c.cell(before)), head: c.head.toLowerCase() }));
  const text = cells
    .map((c) => c.now)
    .filter((x) => x !== "")
    .join("  ");
  const changes = cells
    .filter((c) => c.was !== undefined && c.was !== c.now)
    .map((c) => `${c.head} was ${c.was === "" ? "none" : c.was}`);
  const unseen = was && changes.length === 0 ? fieldChanges(was, row) : changes;
  const parts = [clockText(at), sign, ...(namespace === undefined ? [] : [namespace]), text];
  return `${parts.join(" ")}${unseen && unseen.length > 0 ? `  (${unseen.join(", ")})` : ""}\n`;
};

/** What no column shows, by the field's own name, however deep it lies. */
const fieldChanges = (was: object, now: object): string[] => {
  const [a, b] = [was as Record<string, unknown>, now as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    const [x, y] = [a[key], b[key]];
    if (isTimer(key) || JSON.stringify(x) === JSON.stringify(y)) return [];
    if (isObject(x) && isObject(y)) return fieldChanges(x, y);
    return [`${key} was ${x === undefined ? "none" : oneLine(typeof x === "string" ? x : JSON.stringify(x))}`];
  });
};
const isObject = (x: unknown): x is object => typeof x === "object" && x !== null && !Array.isArray(x);
