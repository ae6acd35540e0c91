/**
 * A tap device gets the SELinux context of whoever makes it (selinux_tun_dev_alloc_security; sockcreate is passed over),
 * and a process of several threads cannot change its own. So this program starts itself again, to do nothing else.
 */
import { type Fault, FaultError, faultOf } from "../../base/fault.ts";
import { selfCommand } from "./self.ts";
import { startingIn } from "./selinux.ts";
import { type Op, opText } from "./syscall.ts";
import { makeTap, type TapOptions } from "./tun.ts";

/** Name under which this program makes a tap device and ends. */
export const tapMaker = "podwire-tap";

/** In the namespace that we are in. @throws FaultError as `makeTap`, and bad-value, permission for the context */
export const makeTapIn = (context: string, name: string, options: TapOptions, op: Op): void => {
  const line = opText(op);
  const { exitCode, stderr } = startingIn(context, () => start([name, JSON.stringify(options), line], line));
  if (exitCode === 0) return;
  const said = stderr.toString();
  throw new FaultError(
    said.startsWith("{") ? (JSON.parse(said) as Fault) : { kind: "kernel", op: line, errno: "EIO", said },
  );
};

const start = (args: readonly string[], op: string) => {
  try {
    return Bun.spawnSync([...selfCommand(), ...args], { argv0: tapMaker, env: {}, stdout: "ignore", stderr: "pipe" });
  } catch (error) {
    throw new FaultError({ kind: "permission", op, needs: "a policy that lets that context run this program" }, error);
  }
};

/** The other side: gives the exit status and what goes to stderr. */
export const tapMain = ([name = "", options = "{}", op = tapMaker]: readonly string[]): [number, string] => {
  try {
    makeTap(name, JSON.parse(options) as TapOptions, true, op);
    return [0, ""];
  } catch (error) {
    return [1, JSON.stringify(faultOf(error))];
  }
};
