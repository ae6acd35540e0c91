/** Does the kernel make tap devices, and can we reach what makes them? */
import { FaultError } from "../../base/fault.ts";
import { makeTap } from "../os/tun.ts";
import { no, probe, yes } from "./answer.ts";
import { inThrowaway } from "./throwaway.ts";

export const tapProbe = probe("tap devices", () => {
  try {
    inThrowaway(() => makeTap("probe", {}, false, "ip tuntap add"));
    return yes;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "unavailable")
      return no(`/dev/net/tun: ${error.fault.fix ?? "modprobe tun"}`);
    throw error;
  }
});
