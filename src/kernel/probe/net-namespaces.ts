/** May we make network namespaces? */
import { FaultError } from "../../base/fault.ts";
import { closeFd } from "../os/netlink-socket.ts";
import { newNetns } from "../os/netns.ts";
import { no, probe, yes } from "./answer.ts";

export const netNamespacesProbe = probe("network namespaces", () => {
  try {
    closeFd(newNetns());
    return yes;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "permission")
      return no("CAP_SYS_ADMIN: run as root, or inside `unshare --user --map-root-user`");
    throw error;
  }
});
