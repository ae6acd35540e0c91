/** Does a new namespace have IPv6? */
import { readSysctl } from "../os/sysctl.ts";
import { no, probe, yes } from "./answer.ts";
import { inThrowaway } from "./throwaway.ts";

export const ipv6Probe = probe("IPv6", () => {
  const off = inThrowaway(() => readSysctl("net/ipv6/conf/default/disable_ipv6"));
  if (off === undefined) return no("a kernel with IPv6, started without ipv6.disable=1");
  return off === "0" ? yes : no("IPv6 switched on: sysctl -w net.ipv6.conf.default.disable_ipv6=0");
});
