/** Do frames that a bridge forwards pass the firewall (br_netfilter)? kube-proxy needs it where pods share a bridge. */
import { existsSync } from "node:fs";
import { no, probe, yes } from "./answer.ts";

export const bridgeNetfilterProbe = probe("br_netfilter", () =>
  existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables") ? yes : no("br_netfilter: modprobe br_netfilter"),
);
