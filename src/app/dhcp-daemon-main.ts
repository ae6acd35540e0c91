/** `dhcp daemon`: the plugin's executable as the process that keeps its leases. */
import { faultFix, faultMessage, faultOf } from "../base/fault.ts";
import { runDaemon } from "../cni/plugins/dhcp/daemon/main.ts";
import { parseOptions, usage } from "../cni/plugins/dhcp/daemon/options.ts";
import { raiseFileLimit } from "../kernel/os/rlimit.ts";
import { writeAll } from "./write-all.ts";

/** A log that nobody reads any more must not end the daemon. */
const log = (line: string): void => {
  try {
    writeAll(2, `dhcp: ${line}\n`);
  } catch {}
};

/** systemd's socket activation (sd_listen_fds(3)): the first descriptor after the three usual ones. */
const listenerFrom = (env: NodeJS.ProcessEnv): number | undefined =>
  Number(env.LISTEN_PID) === process.pid && Number(env.LISTEN_FDS) >= 1 ? 3 : undefined;

export const dhcpDaemonMain = (args: readonly string[]): never => {
  // Built for plugins, which are over before compiled code pays for its compiling; this one stays.
  Bun.unsafe.setJITPolicy(1);
  try {
    const options = parseOptions(args);
    if (!options) {
      writeAll(1, usage);
      process.exit(0);
    }
    raiseFileLimit();
    const listener = listenerFrom(process.env);
    return runDaemon(options, { pid: process.pid, log, ...(listener !== undefined && { listener }) });
  } catch (error) {
    const fault = faultOf(error);
    log(`error: ${faultMessage(fault)}`);
    const fix = faultFix(fault);
    if (fix) log(`  mend it: ${fix}`);
    process.exit(fault.kind === "bad-value" ? 2 : 1);
  }
};
