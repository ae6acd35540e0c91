/** Every command: its name and how to load it. A command is loaded only when it is asked for. */
import type { CommandModule } from "../cli/command.ts";

export interface CommandEntry {
  readonly name: string;
  readonly load: () => Promise<CommandModule>;
}

export const commands = [
  { name: "lab", load: () => import("./lab.ts") },
  { name: "verify", load: () => import("./verify.ts") },
  { name: "node", load: () => import("./node.ts") },
  { name: "cni", load: () => import("./cni.ts") },
  { name: "conformance", load: () => import("./conformance.ts") },
  { name: "completion", load: () => import("./completion.ts") },
  { name: "version", load: () => import("./version.ts") },
] as const satisfies readonly CommandEntry[];
