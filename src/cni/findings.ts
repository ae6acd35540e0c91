/** What CHECK found, collected: one difference must not hide another. */
import { FaultError } from "../base/fault.ts";
import type { Link } from "../net/links.ts";
import { render } from "../net/plan/render.ts";

export class Findings {
  readonly errors: unknown[] = [];

  gone(what: string, fix?: string): void {
    this.errors.push(new FaultError({ kind: "not-found", what, why: "is gone", ...(fix && { fix }) }));
  }

  /** What `baseDifferences` tells of a table of ours: a sentence. */
  edited(words: string, { family, name }: { readonly family: string; readonly name: string }): void {
    const fix = words.endsWith(" is gone") ? {} : { fix: `nft list table ${family} ${name}` };
    this.errors.push(new FaultError({ kind: "not-found", what: words, why: "the next ADD makes it anew", ...fix }));
  }

  differs(what: string, seen: string, want: string, fix?: string): void {
    this.errors.push(new FaultError({ kind: "differs", what, seen, want, ...(fix && { fix }) }));
  }

  /** Nothing is wanted where `want` is undefined. */
  same<T extends string | number | boolean>(what: string, seen: T | undefined, want: T | undefined): void {
    if (want !== undefined && seen !== want) this.differs(what, String(seen ?? "none"), String(want));
  }

  /** `netns`: where the link is; empty on the host. */
  up(link: Link, netns: string): void {
    const fix = render({ do: "link.set", in: netns, name: link.name, set: { up: true } });
    if (!link.up) this.differs(`link ${link.name}`, "down", "up", fix);
  }
}
