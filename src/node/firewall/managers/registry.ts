/** Every manager, in the order in which they are asked whether they rule: the first two keep their rules in others' tables. */
import type { Manager } from "../manager.ts";
import { firewalld } from "./firewalld.ts";
import { iptablesLegacy, iptablesNft } from "./iptables.ts";
import { nftables } from "./nftables.ts";
import { ufw } from "./ufw.ts";

export const managers: readonly Manager[] = [firewalld, ufw, iptablesNft, iptablesLegacy, nftables];
