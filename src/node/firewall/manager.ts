/** A firewall manager: who made the rules that a host's packets meet, and how it is told to let something in. */
import type { NftChange, Table } from "../../net/nft/types.ts";
import type { Opening } from "./openings.ts";
import type { Surroundings } from "./surroundings.ts";

/** How a change is taken back: as data, since another process does it. */
export type Undo =
  | {
      readonly kind: "run";
      readonly run: readonly string[];
      /** Ends with 0 while there is something to take back; without it `run` itself is no error when nothing is there. */
      readonly when?: readonly string[];
      /** Exit codes of `run` by which it says that there is nothing left to take back from. */
      readonly gone?: readonly number[];
    }
  | { readonly kind: "nft-rule"; readonly table: Table; readonly chain: string; readonly comment: string };

/** One change, in the manager's own words. */
export interface Change {
  /** As a person would type it. */
  readonly line: readonly string[];
  /** A program of the host's, or a change of ours in nf_tables. */
  readonly act: { readonly kind: "run" } | { readonly kind: "nft"; readonly change: NftChange };
  readonly undo: Undo;
  /** It is so already, whoever did it: it is then neither done nor taken back. A program answers with 0. */
  readonly holds: readonly string[] | (() => boolean);
}

/** Lines in a file that the manager reads at boot. */
export interface BootFile {
  readonly path: string;
  /** The file's text with our lines, and without any of ours. */
  readonly withLines: (text: string) => string;
}

/** Where a rule of ours will stand among the kernel's, and at which end of the chain. */
export interface Landing {
  readonly backend?: "iptables-legacy";
  readonly table: Table;
  readonly chain: string;
  readonly at: "top" | "end";
}

export interface ManagerPlan {
  readonly changes: readonly Change[];
  /** Where what it does is kept over a reboot, besides. */
  readonly boot: readonly BootFile[];
  readonly survivesReboot: boolean;
  /** What a person has to know or do: something that the manager cannot say, or that does not survive. */
  readonly notes: readonly string[];
}

export const managerNames = ["firewalld", "ufw", "iptables-nft", "iptables-legacy", "nftables"] as const;
export type ManagerName = (typeof managerNames)[number];

export interface Manager {
  readonly name: ManagerName;
  /** What is run to tell it, and Debian's package with it; absent when it is told by ourselves, through the kernel. */
  readonly program?: string;
  readonly package?: string;
  /** Why it is taken to rule packets for this host; undefined when it does not. */
  readonly rules: (host: Surroundings) => string | undefined;
  readonly plan: (openings: readonly Opening[], host: Surroundings) => ManagerPlan;
  /** Chains in which an opening will be let through; some of them may not be there. */
  readonly lands: (o: Opening, host: Surroundings) => readonly Landing[];
  /** A boot file's text without any line of ours. */
  readonly withoutOurs: (text: string) => string;
}
