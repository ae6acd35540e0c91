/** Where probes try things: a namespace without a name that is gone when the question is answered. */
import { FaultError } from "../../base/fault.ts";
import { F } from "../codec/message.ts";
import { link, RTM_LINK } from "../codec/route/link.ts";
import { clsactHandle, qdisc, RTM_FILTER, RTM_QDISC, tcPlaces, tfilter } from "../codec/route/tc.ts";
import { type Netlink, openNetlink } from "../conn/netlink.ts";
import { closeFd } from "../os/netlink-socket.ts";
import { inNetns, newNetns } from "../os/netns.ts";
import { type Answer, no, yes } from "./answer.ts";

/** Runs `act` inside a new namespace, synchronously. */
export const inThrowaway = <T>(act: () => T): T => {
  const fd = newNetns();
  try {
    return inNetns(fd, act);
  } finally {
    closeFd(fd);
  }
};

/** Runs `act` with a route socket of a new namespace. */
const withThrowawayLinks = <T>(act: (rt: Netlink) => T): T =>
  inThrowaway(() => {
    using rt = openNetlink();
    return act(rt);
  });

type LinkValue = Parameters<typeof link.write>[0];
const newLink = (rt: Netlink, op: string, value: LinkValue): void => {
  rt.request({ type: RTM_LINK.new, flags: F.create | F.excl, op, payload: link.write(value), locate: link.locate });
};

/** EOPNOTSUPP is the kernel's word for a link kind, or a setting of one, that it was built without; tc's is ENOENT. */
const answered = (act: () => void, needs: string, word = "EOPNOTSUPP"): Answer => {
  try {
    act();
    return yes;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === word) return no(needs);
    throw error;
  }
};

/** Can such a link be made? `lower` first makes a veth pair and hangs the link on its first end. */
export const tryLink = (value: LinkValue, needs: string, lower = false): Answer =>
  withThrowawayLinks((rt) => {
    if (!lower) return answered(() => newLink(rt, "ip link add", value), needs);
    newLink(rt, "ip link add type veth", { ifname: "below", index: 77, linkinfo: { kind: "veth" } });
    return answered(() => newLink(rt, "ip link add", { ...value, link: 77 }), needs);
  });

type QdiscValue = Parameters<typeof qdisc.write>[0];
const newQdisc = (rt: Netlink, value: QdiscValue): void => {
  const payload = qdisc.write({ ifindex: LOOPBACK, ...value });
  rt.request({ type: RTM_QDISC.new, flags: F.create | F.excl, op: "tc qdisc add", payload, locate: qdisc.locate });
};
/** Every namespace's first device. */
const LOOPBACK = 1;

/** Can such a qdisc be put on a device? */
export const tryQdisc = (value: QdiscValue, needs: string): Answer =>
  withThrowawayLinks((rt) => answered(() => newQdisc(rt, value), needs, "ENOENT"));

/** Can such a filter be put on what comes in? */
export const tryRedirect = (value: Parameters<typeof tfilter.write>[0], needs: string): Answer =>
  withThrowawayLinks((rt) =>
    answered(
      () => {
        newQdisc(rt, { parent: tcPlaces.clsact, handle: clsactHandle, kind: "clsact" });
        const payload = tfilter.write(value);
        const flags = F.create | F.excl;
        rt.request({ type: RTM_FILTER.new, flags, op: "tc filter add", payload, locate: tfilter.locate });
      },
      needs,
      "ENOENT",
    ),
  );
