/** The nodes of a lab try each other: in each a real `podwire node listen`, spoken to by its standard streams. */
import { systemClock } from "../../../base/clock.ts";
import { faultMessage, faultOf } from "../../../base/fault.ts";
import { selfCommand } from "../../../kernel/os/self.ts";
import { askedOfNode } from "../../../lab/asked.ts";
import type { Lab, LabNode } from "../../../lab/topology/lab.ts";
import { openGathering } from "../../../node/peers/gather.ts";
import { openChannel } from "../../../node/peers/link/channel.ts";
import { type Program, startProgram } from "../../../node/peers/link/program.ts";
import { newToken, pskOf } from "../../../node/peers/link/token.ts";
import type { Found } from "../../../node/peers/run/found.ts";
import { runBetweenPeers } from "../../../node/peers/run/run.ts";
import { remotePeer } from "../../../node/peers/talk/peer.ts";
import type { Network } from "../../../node/ports/row.ts";
import type { Io } from "../../cli/io.ts";

/** Milliseconds until a listener must be there: a lab may be large, and its machine small. */
const patience = 30_000;

const start = (lab: Lab, node: LabNode, { env }: Io): Program => {
  const self = selfCommand();
  const inside = [...self, "lab", "exec", "--name", lab.name, node.name, "--"];
  const [address] = node.addresses;
  const at = address ? ["--node-ip", address.ip] : [];
  const { roles } = askedOfNode(lab, node);
  const argv = [...inside, ...self, "node", "listen", "--stdio", "--role", roles[0]!, ...at];
  return startProgram({ who: node.name, argv, env, patience });
};

export const foundBetweenNodes = async (lab: Lab, networks: readonly Network[], io: Io): Promise<Found> => {
  const gathering = openGathering(() => {});
  const token = newToken();
  const programs: Program[] = [];
  try {
    await Promise.all(
      lab.nodes.map(async (node) => {
        const program = start(lab, node, io);
        programs.push(program);
        try {
          await program.line();
          await program.write(new TextEncoder().encode(`${token}\n`));
          await gathering.welcome(remotePeer(await openChannel(program.pipe, { side: "calls", psk: pskOf(token) })));
        } catch (error) {
          gathering.miss({ who: node.name, why: faultMessage(faultOf(error)) });
        }
      }),
    );
    const order = lab.nodes.map((n) => n.name);
    const joined = [...gathering.joined].sort((a, b) => order.indexOf(a.facts.node) - order.indexOf(b.facts.node));
    return await runBetweenPeers(joined, { networks, clock: systemClock, lost: gathering.lost });
  } finally {
    gathering.stop();
    for (const { peer } of gathering.joined) peer.close();
    await Promise.all(programs.map((program) => program.ended()));
  }
};
