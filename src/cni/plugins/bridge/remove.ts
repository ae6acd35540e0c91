/** The gateway of a VLAN goes with its last user. */
import { listVlans } from "../../../net/bridge-vlans.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, listLinks } from "../../../net/links.ts";
import { removeLinks } from "../../attach/veths.ts";
import { gatewayMark } from "../../mark.ts";
import { type BridgeConfig, gatewayLink } from "./config.ts";

/** Deletes the gateway of the VLAN when we made it and no other port is in that VLAN. @throws FaultError */
export const removeUnusedGateway = (kernel: Kernel, c: BridgeConfig): void => {
  if (c.vlan === undefined) return;
  const name = gatewayLink(c);
  const gateway = findLink(kernel.host, name);
  const bridge = gateway && findLink(kernel.host, c.bridge);
  if (!gateway || !bridge || gateway.alias !== gatewayMark(name)) return;
  const ports = new Set(
    listLinks(kernel.host)
      .filter((l) => l.master === bridge.index && l.index !== gateway.peer)
      .map((l) => l.index),
  );
  if (!listVlans(kernel.host).some((v) => v.vid === c.vlan && ports.has(v.link)))
    removeLinks(kernel, [{ name, in: "" }]);
};
