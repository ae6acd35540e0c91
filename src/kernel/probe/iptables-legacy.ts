/** Does the kernel have the older iptables, beside nf_tables? */
import { FaultError } from "../../base/fault.ts";
import { readTable } from "../os/xtables.ts";
import { no, probe, yes } from "./answer.ts";
import { inThrowaway } from "./throwaway.ts";

/** ENOPROTOOPT: nobody answers for iptables; ENOENT: there is no such table. */
const missing: readonly string[] = ["ENOPROTOOPT", "ENOENT"];

export const iptablesLegacyProbe = probe("iptables-legacy", () => {
  try {
    // Asking makes the table, which goes with the namespace.
    inThrowaway(() => readTable(4, "filter"));
    return yes;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "kernel" && missing.includes(error.fault.errno))
      return no("CONFIG_IP_NF_IPTABLES_LEGACY: modprobe iptable_filter");
    throw error;
  }
});
