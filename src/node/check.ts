/** A check: one question about a node, one file in checks/ and one line in its registry. */
import type { Asked } from "./asked.ts";
import type { Host } from "./host.ts";

export const areas = [
  "identity",
  "links",
  "routing",
  "ranges",
  "ports",
  "firewall",
  "kernel",
  "limits",
  "names",
  "time",
] as const;
export type Area = (typeof areas)[number];

/** `fail`: Kubernetes or the pod network will not work. `warn`: it will, until something else happens. */
export type Severity = "fail" | "warn";

/** How to mend what was found. */
export interface Fix {
  /** One line for a root shell. */
  readonly command: string;
  /** One line that takes it back; absent when nothing needs to be, or nothing can. */
  readonly undo?: string;
  /** Whether what the command does is still so after a reboot. */
  readonly survivesReboot: boolean;
}

/** `ok`: as it should be. `unknown`: could not be told; `seen` says why and what that needs. */
export interface Finding {
  readonly outcome: "ok" | Severity | "unknown";
  /** Of what it speaks, when a check looks at several: a link, a port, a file. */
  readonly subject?: string;
  /** Measured, with unit. */
  readonly seen: string;
  /** The same measure as it should be; absent when the outcome is ok. */
  readonly want?: string;
  readonly fix?: Fix;
}

export interface Check {
  /** Stable: a letter for the area and a number, as in docs/checks.md. */
  readonly id: string;
  /** A word or two with hyphens, as stable as the id. */
  readonly name: string;
  readonly area: Area;
  /** Its worst outcome. */
  readonly severity: Severity;
  /** What holds when it is well: "the host name is valid". */
  readonly title: string;
  /** What goes wrong in a cluster when it is not, as people see it. */
  readonly why: string;
  /** Looks, and changes nothing. Nothing to say means that it does not apply here. @throws FaultError becomes `unknown` */
  readonly run: (host: Host, asked: Asked) => readonly Finding[];
}
