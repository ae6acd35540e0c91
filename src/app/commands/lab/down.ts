/** `podwire lab down`: takes a lab away, whatever state it is in. */
import type { Command } from "commander";
import { removeLab } from "../../../lab/down.ts";
import { lockFile } from "../../../lab/lock.ts";
import { labsDir, placeOf } from "../../../lab/place.ts";
import { listLabs } from "../../../lab/state.ts";
import { stopHolder } from "../../../lab/user/holder.ts";
import { needsHolder } from "../../../lab/user/privilege.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Io } from "../../cli/io.ts";
import { labName, type NameOption, nameOption } from "./inside.ts";

const downOne = (io: Io, name: string): void => {
  const place = placeOf(name, labsDir(io.env));
  using _ = lockFile(place.lockFile, () => io.err(`another command is at work on lab ${name}: waiting for it\n`));
  // With an ordinary user's holder everything goes; its names were in a mount namespace of its own.
  const held = needsHolder(io.env) && stopHolder(place);
  const gone = removeLab(place);
  const others = listLabs(labsDir(io.env));
  const there = others.length > 0 ? `, but ${others.join(", ")}` : "";
  io.err(gone === undefined && !held ? `there is no lab ${name}${there}\n` : `lab ${name} is gone\n`);
};

const examples = `
Examples:
  podwire lab down              the only lab, or of several the one called podwire
  podwire lab down --name far   another
  podwire lab down --all        all of yours
`;

export const downCommand = (lab: Command, { io, action }: CommandContext): void => {
  lab
    .command("down")
    .description("remove a lab and everything in it")
    .option(...nameOption)
    .option("--all", "remove every lab of this user")
    .addHelpText("after", examples)
    .action(
      action((flags: NameOption & { all?: boolean }) => {
        const names = flags.all ? listLabs(labsDir(io.env)) : [labName(flags, io.env)];
        for (const name of names) downOne(io, name);
        if (names.length === 0) io.err("there is no lab\n");
        return 0;
      }),
    );
};
