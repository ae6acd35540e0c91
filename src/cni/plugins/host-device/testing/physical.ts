/** A kernel whose test devices look physical: IFLA_LINKINFO, which tells a kind, is taken out of what it answers. */
import type { Message } from "../../../../kernel/codec/message.ts";
import type { Netlink } from "../../../../kernel/conn/netlink.ts";
import type { Kernel, Netns } from "../../../../net/kernel.ts";

const IFINFOMSG = 16;
const [IFLA_ADDRESS, IFLA_LINKINFO, UNKNOWN] = [1, 18, 0x3ffe];
const NLA_TYPE_MASK = 0x3fff;

/** Those with a MAC of makeDevice's: 02:00:00:00:00:0N. */
const bare = (m: Message): Message => {
  const payload = m.payload.slice();
  const view = new DataView(payload.buffer);
  let info = 0;
  let isDevice = false;
  for (let at = IFINFOMSG; at + 4 <= payload.length; at += (view.getUint16(at, true) + 3) & ~3) {
    const type = view.getUint16(at + 2, true) & NLA_TYPE_MASK;
    if (type === IFLA_LINKINFO) info = at;
    if (type === IFLA_ADDRESS) isDevice = [2, 0, 0, 0, 0].every((byte, i) => payload[at + 4 + i] === byte);
  }
  if (info === 0 || !isDevice) return m;
  view.setUint16(info + 2, UNKNOWN, true);
  return { ...m, payload };
};

const RTM_GETLINK = 18;

export const physicalKernel = (real: Kernel): Kernel => {
  const wrapRt = (rt: Netlink): Netlink => ({
    ...rt,
    get: (r) => (r.type === RTM_GETLINK ? bare(rt.get(r)) : rt.get(r)),
    dump: (r) => (r.type === RTM_GETLINK ? rt.dump(r).map(bare) : rt.dump(r)),
  });
  const wrap = (ns: Netns): Netns => ({
    path: ns.path,
    fd: ns.fd,
    get rt() {
      return wrapRt(ns.rt);
    },
    get nf() {
      return ns.nf;
    },
    get diag() {
      return ns.diag;
    },
    enter: (act) => ns.enter(act),
    readSysctl: (name) => ns.readSysctl(name),
    writeSysctl: (name, value) => ns.writeSysctl(name, value),
    [Symbol.dispose]: () => ns[Symbol.dispose](),
  });
  return {
    get host() {
      return wrap(real.host);
    },
    open: (path) => wrap(real.open(path)),
    forget: (path) => real.forget(path),
    inspect: (path) => real.inspect(path),
    [Symbol.dispose]: () => real[Symbol.dispose](),
  };
};
