/** `podwire lab down`: takes a lab away, whatever state it is in. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { nearest } from "../../../base/nearest.ts";
import { removeLab } from "../../../lab/down.ts";
import { chooseLab } from "../../../lab/endpoints.ts";
import { lockFile } from "../../../lab/lock.ts";
import { labsDir, placeOf } from "../../../lab/place.ts";
import { listLabs } from "../../../lab/state.ts";
import { stopHolder } from "../../../lab/user/holder.ts";
import { needsHolder } from "../../../lab/user/privilege.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { showFault } from "../../cli/show-fault.ts";
import { addNameOption, givenName, type NameOption } from "./name-option.ts";

/** False when there is none of that name. What a killed command left of one goes, too. */
const downOne = (io: Io, name: string): boolean => {
  const place = placeOf(name, labsDir(io.env));
  using _ = lockFile(place.lockFile, () => io.err(`another command is at work on lab ${name}: waiting for it\n`));
  const left = existsSync(place.dir);
  // With an ordinary user's holder everything goes; its names were in a mount namespace of its own.
  const held = needsHolder(io.env) && stopHolder(place);
  if (removeLab(place) === undefined && !held && !left) return false;
  io.err(`lab ${name} is gone\n`);
  return true;
};

const down = (io: Io, flags: NameOption & { readonly all?: boolean }): number => {
  const base = labsDir(io.env);
  const asked = givenName(flags);
  const names = flags.all ? listLabs(base) : [asked ?? chooseLab(base)];
  const gone = names.filter((name) => downOne(io, name));
  if (gone.length > 0) return 0;
  const others = listLabs(base);
  // Without a name nothing in particular is missed: what was wanted is so.
  if (asked !== undefined && !flags.all) {
    showFault(io, noneToRemove(asked, others));
    return 1;
  }
  io.err(others.length > 0 ? `there is no lab ${names[0]}, but ${others.join(", ")}\n` : "there is no lab\n");
  return 0;
};

const noneToRemove = (name: string, others: readonly string[]): FaultError => {
  const close = nearest(name, others);
  const there = others.length > 0 ? `; there are ${others.join(", ")}` : "; there is none at all";
  return new FaultError({
    kind: "not-found",
    what: `no lab named ${name}`,
    why: `nothing was removed${close ? `; did you mean ${close}?` : there}`,
    fix: close ? `podwire lab down --name ${close}` : `podwire lab ${others.length > 0 ? "down --all" : "up"}`,
  });
};

const examples = `
Examples:
  podwire lab down              the only lab, or of several the one called podwire
  podwire lab down --name far   another
  podwire lab down --all        all of yours
`;

export const downCommand = (lab: Command, { io, action }: CommandContext): void => {
  addNameOption(lab.command("down"))
    .description("remove a lab and everything in it")
    .option("--all", "remove every lab of this user")
    .addHelpText("after", examples)
    .action(action((flags: NameOption & { all?: boolean }) => down(io, flags)));
};
