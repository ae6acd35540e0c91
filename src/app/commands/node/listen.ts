/** `podwire node listen`: the line that is pasted on each other node. */
import type { Command } from "commander";
import { parseDuration } from "../../../base/duration.ts";
import { FaultError } from "../../../base/fault.ts";
import { parseIp } from "../../../base/ip.ts";
import { openKernel } from "../../../net/kernel.ts";
import { openHost } from "../../../node/host.ts";
import { parseInvitation, parseToken, peersPort } from "../../../node/peers/link/token.ts";
import { listen, type Way } from "../../../node/peers/listen.ts";
import type { Role } from "../../../node/ports/row.ts";
import { rolesOf } from "../../../node/ports/rows-for.ts";
import type { CommandContext } from "../../cli/command.ts";
import { listenForInterrupt } from "../../cli/interrupt.ts";
import { version } from "../../cli/version.ts";
import { portOf, roleOption } from "./asked.ts";

interface Options {
  readonly token?: string;
  readonly role: Role;
  readonly nodeIp?: string;
  readonly port: string;
  readonly for: string;
  readonly stdio?: boolean;
}

const examples = `
Examples:
  podwire node listen TOKEN@10.0.0.1:${peersPort}                      as podwire node check --peers printed it
  podwire node listen TOKEN@10.0.0.1:${peersPort} --role control-plane
  podwire node listen --token TOKEN                           wait to be called (podwire node check --call)

It opens ports of the cluster's table for the few seconds of the run, answers nobody without the token, and ends by
itself: after the run, after --for, or when the one who coordinates is gone. Nothing is left.
Exit status: 0 the run was carried out, 2 it was not.
`;

/** Where the token comes from, and by which way the other one is reached. */
const wayOf = async (pasted: string | undefined, o: Options): Promise<{ token: string; way: Way }> => {
  if (o.stdio) {
    const { openStdio } = await import("./stdio-pipe.ts");
    const stdio = await openStdio();
    if (stdio) return { token: parseToken(stdio.token), way: { by: "pipe", pipe: stdio.pipe } };
    throw new FaultError({ kind: "no-answer", who: "token", why: "standard input ended" });
  }
  const text = pasted ?? o.token;
  if (text === undefined) {
    const want = `TOKEN@HOST:${peersPort}, as podwire node check --peers prints it`;
    throw new FaultError({ kind: "bad-value", what: "token", got: "nothing", want });
  }
  const { token, at } = parseInvitation(text);
  return { token, way: at ? { by: "call", place: at } : { by: "wait", port: portOf("--port", o.port) } };
};

export const listenCommand = (node: Command, { io, action }: CommandContext): void => {
  node
    .command("listen")
    .description("answer podwire node check --peers of another node, once")
    .argument("[token@host:port]", "whom to call, and the token of the run")
    .option("--token <token>", "the token alone: wait to be called")
    .addOption(roleOption())
    .option("--node-ip <ip>", "the node's address, when it is not the one that calls")
    .option("--port <port>", "TCP port to wait at, with --token", String(peersPort))
    .option("--for <time>", "end after so long, whatever happens", "15m")
    .option("--stdio", "speak by standard input and output; the token is the first line")
    .addHelpText("after", examples)
    .action(
      action(async (pasted: string | undefined, o: Options) => {
        const nodeIp = o.nodeIp === undefined ? {} : { nodeIp: parseIp(o.nodeIp, "--node-ip") };
        const forMs = parseDuration(o.for, "--for");
        const { token, way } = await wayOf(pasted, o);
        using interrupt = listenForInterrupt();
        using kernel = openKernel();
        const served = await listen(way, {
          host: openHost({ ns: kernel.host }),
          roles: rolesOf(o.role),
          version,
          token,
          ...nodeIp,
          forMs,
          signal: interrupt.signal,
          say: (line) => (o.stdio ? undefined : io.err(`${line}\n`)),
        });
        if (interrupt.signal.aborted) return interrupt.exit();
        if (served.end === "done") {
          if (!o.stdio) io.err(`done: ${served.tried} ways tried from here; nothing is left open\n`);
          return 0;
        }
        throw new FaultError({ kind: "no-answer", who: "end of the run", why: "the one who coordinates is gone" });
      }),
    );
};
