/** The line to DHCP servers through one link: a packet socket in the pod's namespace, watched by the loop. */

import type { Ip } from "../../../../base/ip.ts";
import type { Mac } from "../../../../base/mac.ts";
import { udpTo } from "../../../../kernel/codec/bpf.ts";
import { type DhcpMessage, readMessage, writeMessage } from "../../../../kernel/codec/dhcp/message.ts";
import { readDatagram, writeDatagram } from "../../../../kernel/codec/udp4.ts";
import { errnoName } from "../../../../kernel/os/errno.ts";
import { openPacketSocket, receivePacket, sendPacket } from "../../../../kernel/os/packet-socket.ts";
import type { Found } from "../leased-link.ts";
import { ports } from "../ports.ts";
import type { Outgoing } from "./exchange.ts";
import type { Loop } from "./loop.ts";

const everyone = "255.255.255.255" as Ip;
const everyCard = "ff:ff:ff:ff:ff:ff" as Mac;

export interface Line extends Disposable {
  /** Gives the errno's name when it did not go out. */
  send(out: Outgoing): string | undefined;
}

/** What comes in on a line. */
export interface Hearer {
  heard(message: DhcpMessage, from: Mac): void;
  /** The link went down or away: nothing comes any more. */
  broken(errno: string): void;
}

/** One buffer for all: what is in it is read before the next packet comes. The largest that IPv4 has. */
const buffer = new Uint8Array(65_535);
const EAGAIN = "EAGAIN";

export const openLine = (loop: Loop, { ns, link }: Found, hearer: Hearer): Line => {
  const fd = ns.enter(() => openPacketSocket(link.index, udpTo(ports.client)));
  let open = true;
  const close = (): void => {
    open = false;
    loop.close(fd);
  };
  loop.watch(fd, () => {
    while (open) {
      const { n, mac } = receivePacket(fd, buffer);
      if (n < 0) {
        const errno = errnoName(-n);
        if (errno !== EAGAIN) hearer.broken(errno);
        return;
      }
      const datagram = readDatagram(buffer.subarray(0, n));
      const message = datagram?.from.port === ports.server ? readMessage(datagram.data) : undefined;
      if (message && mac) hearer.heard(message, mac);
    }
  });
  return {
    send: ({ message, to }) => {
      const packet = writeDatagram({
        from: { ip: message.ciaddr, port: ports.client },
        to: { ip: to?.ip ?? everyone, port: ports.server },
        data: writeMessage(message),
      });
      const sent = sendPacket(fd, link.index, to?.mac ?? everyCard, packet);
      return sent < 0 ? errnoName(-sent) : undefined;
    },
    [Symbol.dispose]: close,
  };
};
