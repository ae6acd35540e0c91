/** Waiting for duplicate address detection (RFC 4862 5.4), by the kernel's own notices. */
import { cidrText } from "../base/cidr.ts";
import { FaultError } from "../base/fault.ts";
import { IFA_F } from "../kernel/codec/route/address.ts";
import {
  closeFd,
  joinGroup,
  openNetlinkSocket,
  receiveNetlink,
  setReceiveTimeout,
} from "../kernel/os/netlink-socket.ts";
import { type Address, listAddresses } from "./addresses.ts";
import type { Netns } from "./kernel.ts";
import { linkIndex } from "./links.ts";

const RTNLGRP_IPV6_IFADDR = 9;
/** Detection takes about two seconds; a link whose carrier never comes would make it endless. */
const patience = 10;

/** Returns when no address of the link is tentative. Blocks the thread. @throws FaultError exists, busy */
export const waitForDad = (ns: Netns, link: string): void => {
  const index = linkIndex(ns, link);
  // Subscribed before the first look, so that nothing falls between the two.
  const fd = ns.enter(() => openNetlinkSocket("route"));
  try {
    joinGroup(fd, RTNLGRP_IPV6_IFADDR);
    setReceiveTimeout(fd, patience);
    const notice = new Uint8Array(4096);
    for (let waiting = pending(ns, index); waiting.length > 0; waiting = pending(ns, index))
      if (receiveNetlink(fd, notice) < 0)
        throw new FaultError({
          kind: "busy",
          what: `duplicate address detection on ${link}`,
          why: `${waiting.map((a) => cidrText(a.address)).join(", ")} still tentative after ${patience} s`,
        });
  } finally {
    closeFd(fd);
  }
};

const pending = (ns: Netns, index: number): Address[] => {
  const all = listAddresses(ns, index);
  const taken = all.find((a) => a.flags & IFA_F.dadfailed);
  if (taken)
    throw new FaultError({
      kind: "exists",
      what: `address ${cidrText(taken.address)}`,
      why: "another interface of the link has it (duplicate address detection failed)",
    });
  return all.filter((a) => a.flags & IFA_F.tentative);
};
