/** Giving a lease back: the address leaves the link, then the server is told. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { udpTo } from "../../../kernel/codec/bpf.ts";
import { writeMessage } from "../../../kernel/codec/dhcp/message.ts";
import { writeSockaddr } from "../../../kernel/codec/sockaddr.ts";
import { writeDatagram } from "../../../kernel/codec/udp4.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import { closeSocket, openInetSocket, sendBytes } from "../../../kernel/os/inet-socket.ts";
import { openPacketSocket, sendPacket } from "../../../kernel/os/packet-socket.ts";
import { listAddresses } from "../../../net/addresses.ts";
import { applyEach } from "../../../net/apply.ts";
import type { Kernel } from "../../../net/kernel.ts";
import type { Lease } from "./lease.ts";
import { type Found, findLeased } from "./leased-link.ts";
import { release } from "./messages.ts";
import { ports } from "./ports.ts";

/** `path` is the namespace as it is seen from here. Gives a line for the log. @throws FaultError kernel */
export const giveBack = (kernel: Kernel, lease: Lease, path: string, xid: number): string => {
  const { address, server } = lease.grant;
  const found = findLeased(kernel, lease.link, path);
  // First: the server may give it to another as soon as it knows.
  if (found) takeOff(kernel, lease, path, found);
  if (lease.lost !== undefined) return `forgot ${address}: ${lease.lost}`;
  const who = { mac: found?.link.mac ?? lease.link.mac, wants: lease.wants, broadcast: false };
  const message = writeMessage(release(who, { xid, secs: 0 }, address, server));
  if (found && sendThrough(found, lease, message) >= 0) return `released ${address} to ${server}`;
  const sent = sendFromHost(kernel, lease, message);
  if (sent >= 0) return `released ${address} to ${server} from this host: the link it was got through is gone`;
  return `could not tell ${server} that ${address} is free (${errnoName(-sent)}): it is when its lease ends`;
};

/** Gone already will do. */
const gone = ["EADDRNOTAVAIL", "ENODEV"];

const takeOff = (kernel: Kernel, lease: Lease, path: string, { ns, link }: Found): void => {
  const there = listAddresses(ns, link.index).filter((a) => a.address.ip === lease.grant.address);
  const steps = there.map(
    ({ address }) => ({ do: "address.del", in: path, address: { link: link.name, address } }) as const,
  );
  const errors = applyEach(kernel, steps)
    .failed.map((f) => f.error)
    .filter((e) => !(e instanceof FaultError && e.fault.kind === "kernel" && gone.includes(e.fault.errno)));
  if (errors.length > 0) throw joinFaults(errors);
};

const sendThrough = ({ ns, link }: Found, { grant }: Lease, data: Uint8Array): number => {
  const fd = ns.enter(() => openPacketSocket(link.index, udpTo(ports.client)));
  const from = { ip: grant.address, port: ports.client };
  const packet = writeDatagram({ from, to: { ip: grant.server, port: ports.server }, data });
  const sent = sendPacket(fd, link.index, grant.serverMac, packet);
  closeSocket(fd);
  return sent;
};

/** A server goes by what the message says, not by who sends it: any way to it will do. */
const sendFromHost = (kernel: Kernel, { grant }: Lease, data: Uint8Array): number => {
  const fd = kernel.host.enter(() => openInetSocket("udp", 4));
  if (fd < 0) return fd;
  const sent = sendBytes(fd, data, writeSockaddr({ ip: grant.server, port: ports.server }));
  closeSocket(fd);
  return sent;
};
