/** A noun that can be shown: how it is read, chosen, put into lines, and followed. */

import type { Received } from "../../kernel/codec/received.ts";
import type { EventGroup } from "../../kernel/conn/change.ts";
import type { Netns } from "../../net/kernel.ts";
import type { LinkNamer } from "./link-namer.ts";
import type { FamilyChoice } from "./request.ts";

export interface ShowAsked {
  /** Words after the noun: which of them. */
  readonly words: readonly string[];
  readonly family: FamilyChoice;
  /** Routes of one table; undefined is all. */
  readonly table: number | undefined;
  readonly details: boolean;
}

export interface Column<L> {
  readonly head: string;
  readonly cell: (line: L) => string;
  /** Only with `-o wide`. */
  readonly wide?: true;
  /** Figures stand at the right. */
  readonly right?: true;
}

/** One of what a noun follows. */
export interface Followed {
  /** What stays the same while the rest changes. */
  readonly key: string;
  readonly row: object;
}

export interface Watch<R> {
  readonly groups: readonly EventGroup[];
  /** Changes of these take some of the noun away without a word from the kernel: all is read anew. */
  readonly unsaid?: readonly EventGroup[];
  /** Several may have one key: a new one takes the other's place only when the kernel says so, or always for IPv6. */
  readonly many?: true;
  /** The rows that are followed, out of those that are shown. */
  readonly rows: (rows: readonly R[]) => readonly Followed[];
  /** A message of the noun's own group; undefined for what is not shown. */
  readonly read: (
    asked: ShowAsked,
    link: LinkNamer,
  ) => (of: Received, from: number, to: number) => Followed | undefined;
}

export interface Noun<R, L = R> {
  /** In JSON: the kind of a list, and the name of its rows. */
  readonly kind: string;
  readonly name: string;
  /** JSON is a bare list, as `ip -j` prints it. */
  readonly asIp: boolean;
  readonly read: (ns: Netns, asked: ShowAsked, link: LinkNamer) => R[];
  /** All of them as JSON, where that is cheaper than by way of rows. */
  readonly json?: (ns: Netns, asked: ShowAsked, link: LinkNamer) => string;
  /** What lies outside the namespaces, for the rows of all of them at once. Gives what could not be known of some, in words. */
  readonly enrich?: (rows: readonly R[]) => (shown: readonly R[]) => readonly string[];
  /** The rows that the words mean. @throws FaultError not-found, with what may have been meant */
  readonly choose: (rows: readonly R[], words: readonly string[], ns: Netns) => R[];
  readonly lines: (rows: readonly R[]) => readonly L[];
  readonly columns: readonly Column<L>[];
  /** One row that is followed as a line is shown. */
  readonly line: (row: R | object) => L;
  readonly watch?: Watch<R>;
}
