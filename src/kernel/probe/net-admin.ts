/**
 * May we change the network of the namespace that we run in? Asked with a request to delete no link at all: rtnetlink
 * looks at the capability first, over this very namespace, so that the root of a user namespace is told yes.
 */
import { FaultError } from "../../base/fault.ts";
import { link, RTM_LINK } from "../codec/route/link.ts";
import { openNetlink } from "../conn/netlink.ts";
import { no, probe, yes } from "./answer.ts";

export const netAdminProbe = probe("CAP_NET_ADMIN", () => {
  using rt = openNetlink();
  try {
    rt.request({ type: RTM_LINK.del, op: "ip link del", payload: link.write({}) });
    return yes;
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    if (error.fault.kind === "permission") return no("CAP_NET_ADMIN: run as root, or with that capability");
    // Neither an index nor a name.
    if (error.fault.kind === "kernel" && error.fault.errno === "EINVAL") return yes;
    throw error;
  }
});
