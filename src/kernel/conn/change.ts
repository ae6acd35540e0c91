/** A change that rtnetlink tells of: which noun, new or gone, and its message. */
import type { Message } from "../codec/message.ts";
import { type AddressMessage, address, RTM_ADDR } from "../codec/route/address.ts";
import { type LinkMessage, link, RTM_LINK } from "../codec/route/link.ts";
import { type NeighbourMessage, neighbour, RTM_NEIGH } from "../codec/route/neighbour.ts";
import { type RouteMessage, RTM_ROUTE, route } from "../codec/route/route.ts";
import { RTM_RULE, type RuleMessage, rule } from "../codec/route/rule.ts";

interface Messages {
  link: LinkMessage;
  address: AddressMessage;
  route: RouteMessage;
  rule: RuleMessage;
  neighbour: NeighbourMessage;
}
export type EventGroup = keyof Messages;

/** `new` stands for a change of something that was there, too. */
export type Change = {
  [K in EventGroup]: { readonly what: K; readonly change: "new" | "del"; readonly message: Messages[K] };
}[EventGroup];

/** RTNLGRP_* (linux/rtnetlink.h): IPv4 and IPv6 have groups of their own. */
export const eventGroups: { readonly [K in EventGroup]: readonly number[] } = {
  link: [1],
  address: [5, 9],
  route: [7, 11],
  rule: [8, 19],
  neighbour: [3],
};

const sorts = {
  link: [RTM_LINK, link],
  address: [RTM_ADDR, address],
  route: [RTM_ROUTE, route],
  rule: [RTM_RULE, rule],
  neighbour: [RTM_NEIGH, neighbour],
} as const;
const names = Object.keys(sorts) as EventGroup[];

/** Undefined for a message that is none of ours. */
export const readChange = (m: Message): Change | undefined => {
  for (const what of names) {
    const [types, codec] = sorts[what];
    const change = m.type === types.new ? "new" : m.type === types.del ? "del" : undefined;
    if (change) return { what, change, message: codec.read(m.payload) } as Change;
  }
  return undefined;
};
