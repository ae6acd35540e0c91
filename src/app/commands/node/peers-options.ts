/** Options of `podwire node check` for what is between nodes. */
import { type Command, Option } from "commander";
import { FaultError } from "../../../base/fault.ts";
import { peersPort } from "../../../node/peers/link/token.ts";
import { type Role, roles } from "../../../node/ports/row.ts";

export interface PeersOptions {
  readonly peers?: boolean;
  readonly expect?: string;
  readonly wait?: string;
  readonly port: string;
  readonly token?: string;
  readonly call: readonly string[];
  readonly ssh: readonly string[];
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const withPeers = (command: Command): Command =>
  command
    .option("--peers", "also what is between nodes: prints the line to paste on each other node, and waits for them")
    .option("--expect <n>", "with --peers: start when so many others are there")
    .option("--wait <time>", "with --peers: start after so long with those who are there (default: 15m)")
    .addOption(new Option("--port <port>", "port that the others call").default(String(peersPort)))
    .option("--token <token>", "a token that was made before, such as that of nodes that wait to be called")
    .option("--call <host[:port]>", "a node that waits (podwire node listen --token); may be given again", collect, [])
    .option("--ssh <user@host[=role]>", "start the listener there by ssh; may be given again", collect, []);

export const wantsPeers = ({ peers, call, ssh }: PeersOptions): boolean =>
  peers === true || call.length > 0 || ssh.length > 0;

/** `root@node3=control-plane`. @throws FaultError bad-value */
export const parseSshTarget = (text: string): { readonly target: string; readonly role: Role } => {
  const [target = "", word = "worker"] = text.split("=");
  const role = roles.find((r) => r === word);
  if (role && /^[A-Za-z0-9_.@:[\]-]+$/.test(target) && !target.startsWith("-")) return { target, role };
  const want = `user@host, and =ROLE of ${roles.join(", ")} when it is no worker`;
  throw new FaultError({ kind: "bad-value", what: "--ssh", got: text, want });
};
