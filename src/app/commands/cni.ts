/** `podwire cni`: a CNI runtime by hand, with cnitool's environment variables and container IDs. */
import type { CommandModule } from "../cli/command.ts";
import { addCommand, checkCommand, delCommand } from "./cni/attach.ts";
import { gcCommand, statusCommand } from "./cni/gc.ts";
import { listCommand } from "./cni/list.ts";
import { validateCommand } from "./cni/validate.ts";

export const command: CommandModule["command"] = (program, context) => {
  const cni = program.command("cni").description("run CNI plugins by hand: attach, detach, check, collect, validate");
  const all = [addCommand, delCommand, checkCommand, gcCommand, statusCommand, listCommand, validateCommand];
  for (const add of all) add(cni, context);
};
