/**
 * A log of netlink traffic that Wireshark opens: classic pcap, link type LINKTYPE_NETLINK (253), each packet behind the
 * 16-byte header of an nlmon device (packet type, ARPHRD_NETLINK, netlink family; big-endian).
 */
import { closeSync, O, openSync, writeSync } from "../os/files.ts";
import { type NetlinkFamily, netlinkFamily } from "../os/netlink-socket.ts";

export interface WireLog extends Disposable {
  add(family: NetlinkFamily, bytes: Uint8Array, way: "in" | "out"): void;
}

const LINKTYPE_NETLINK = 253;
const ARPHRD_NETLINK = 824;
const PACKET_HOST = 0;
const PACKET_OUTGOING = 4;

/** Starts a new log at `path`. `now` gives milliseconds since the epoch. */
export const openWireLog = (path: string, now: () => number = Date.now): WireLog => {
  const fd = openSync(path, O.wronly | O.creat | O.trunc, 0o600);
  const head = new DataView(new ArrayBuffer(24));
  head.setUint32(0, 0xa1b2c3d4, true);
  head.setUint16(4, 2, true);
  head.setUint16(6, 4, true);
  head.setUint32(16, 0x40000, true);
  head.setUint32(20, LINKTYPE_NETLINK, true);
  writeSync(fd, new Uint8Array(head.buffer));
  return {
    add: (family, bytes, way) => {
      const ms = now();
      const v = new DataView(new ArrayBuffer(32));
      v.setUint32(0, Math.floor(ms / 1000), true);
      v.setUint32(4, Math.floor((ms % 1000) * 1000), true);
      v.setUint32(8, 16 + bytes.length, true);
      v.setUint32(12, 16 + bytes.length, true);
      v.setUint16(16, way === "in" ? PACKET_HOST : PACKET_OUTGOING);
      v.setUint16(18, ARPHRD_NETLINK);
      v.setUint16(30, netlinkFamily[family]);
      writeSync(fd, Buffer.concat([new Uint8Array(v.buffer), bytes])); // one write: a crash cannot tear a record in two
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
};
