/** Processes that stand in for other programs inside a node: this very program, under their name. */
import { FaultError } from "../../base/fault.ts";
import { startOf } from "../../kernel/os/proc.ts";
import type { ProcessMark } from "../../kernel/os/process-list.ts";
import { selfCommand } from "../../kernel/os/self.ts";
import { quote } from "../../net/plan/quote.ts";
import { nameFlag } from "../topology/lab.ts";
import type { Ground, StandIn } from "./fault.ts";

const standInArgs = ({ name, listen }: StandIn): string[] => [
  "lab",
  "stand-in",
  name,
  ...(listen ? ["--listen", `${listen.protocol}/${listen.port}`] : []),
];

/** Starts it in the node's namespace and waits until it has its name and its port. */
export const startStandIn = async ({ host }: Ground, who: StandIn): Promise<ProcessMark> => {
  // In a group of its own, so that Ctrl-C at the terminal does not heal.
  const child = host.ns.enter(() =>
    Bun.spawn([...selfCommand(), ...standInArgs(who)], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      cwd: "/",
      detached: true,
    }),
  );
  const first = await child.stdout.getReader().read();
  const start = startOf(child.pid);
  if (!first.value || start === undefined) {
    const said = (await new Response(child.stderr).text()).trim().split("\n")[0];
    throw new FaultError({ kind: "unavailable", why: `${who.name} could not be started: ${said || "it ended"}` });
  }
  child.unref();
  return { pid: child.pid, start };
};

export const renderStandIn = ({ lab, node }: Ground, who: StandIn): string =>
  `podwire lab exec${nameFlag(lab.name)} ${node.name} -- podwire ${standInArgs(who).map(quote).join(" ")} &`;
