/** `podwire lab stand-in`: what `lab break` starts inside a node: a process under another program's name, on a port. */
import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { type Command, Option } from "commander";
import { FaultError } from "../../../base/fault.ts";
import type { CommandContext } from "../../cli/command.ts";

const examples = `
Examples:
  podwire lab exec node2 -- podwire lab stand-in NetworkManager
  podwire lab exec node2 -- podwire lab stand-in java --listen tcp/10250
`;

/** Binds the port on all addresses. @throws what the system said */
const sitOn = (text: string): Promise<void> => {
  const [, protocol, port] = /^(tcp|udp)\/(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined)
    throw new FaultError({ kind: "bad-value", what: "--listen", got: text, want: "tcp/PORT or udp/PORT" });
  return new Promise((ready, refused) => {
    if (protocol === "tcp") createServer().once("error", refused).listen(Number(port), ready);
    else createSocket("udp4").once("error", refused).bind(Number(port), ready);
  });
};

export const standInCommand = (lab: Command, { io, action }: CommandContext): void => {
  lab
    .command("stand-in", { hidden: true })
    .description("a process under another program's name, as lab break starts it")
    .argument("<name>", "name of the program")
    .addOption(new Option("--listen <port>", "tcp/PORT or udp/PORT"))
    .addHelpText("after", examples)
    .action(
      action(async (name: string, options: { listen?: string }) => {
        writeFileSync("/proc/self/comm", name);
        if (options.listen !== undefined) await sitOn(options.listen);
        io.out("ready\n");
        // Until it is killed.
        setInterval(() => {}, 2 ** 30);
        return new Promise<number>(() => {});
      }),
    );
};
