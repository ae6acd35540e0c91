/** Asking a link who has an address, by ARP probes (RFC 5227 2.1.1): they name no sender, so that nobody's cache changes. */
import type { Ip, Ipv4 } from "../../base/ip.ts";
import { type Mac, macBytes, parseMac } from "../../base/mac.ts";
import { ARP, arp } from "../codec/arp.ts";
import { be16, s32, u16 } from "../codec/codec.ts";
import { EPOLL, openEpoll } from "./epoll.ts";
import { must, sys } from "./syscall.ts";

const AF_PACKET = 17;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 0x80802;
const ETH_P_ARP = 0x0806;
const everybody = parseMac("ff:ff:ff:ff:ff:ff");

/** struct sockaddr_ll: family, protocol, index, hatype, pkttype, halen, addr[8] (packet(7)). */
const sockaddr = (index: number, to?: Mac): Uint8Array => {
  const out = new Uint8Array(20);
  out.set(u16.write(AF_PACKET), 0);
  out.set(be16.write(ETH_P_ARP), 2);
  out.set(s32.write(index), 4);
  if (to !== undefined) {
    out[11] = 6;
    out.set(macBytes(to), 12);
  }
  return out;
};

export interface ArpQuestion {
  /** Index of the link, and its MAC. */
  readonly link: number;
  readonly mac: Mac;
  readonly ip: Ip;
}

export interface ArpAnswer {
  readonly question: ArpQuestion;
  readonly mac: Mac;
}

interface Asking {
  readonly fd: number;
  readonly question: ArpQuestion;
}

const ask = (question: ArpQuestion): Asking => {
  const fd = must(sys("socket", AF_PACKET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0), "open packet socket", "CAP_NET_RAW");
  const at = sockaddr(question.link);
  const { mac, ip } = question;
  const probe = arp.write({
    op: ARP.request,
    senderMac: mac,
    senderIp: "0.0.0.0" as Ipv4,
    targetIp: ip as Ipv4,
  });
  const to = sockaddr(question.link, everybody);
  // A link that is down answers ENETDOWN: nobody is asked, and nobody answers.
  if (sys("bind", fd, at, at.length) === 0) sys("sendto", fd, probe, probe.length, 0, to, to.length);
  return { fd, question };
};

/** Claims of the address by others that came so far. */
const claims = ({ fd, question }: Asking): ArpAnswer[] => {
  const found: ArpAnswer[] = [];
  const into = new Uint8Array(64);
  for (let n = sys("read", fd, into, into.length); n > 0; n = sys("read", fd, into, into.length)) {
    const heard = arp.read(into.subarray(0, n));
    if (heard?.senderIp === question.ip && heard.senderMac !== question.mac)
      found.push({ question, mac: heard.senderMac });
  }
  return found;
};

/**
 * Asks all at once, in the namespace we are in, and listens for `ms`. Blocks the thread. IPv4 alone: the kernel asks for an IPv6 address itself.
 * @throws FaultError permission
 */
export const askWhoHas = (questions: readonly ArpQuestion[], ms: number): ArpAnswer[] => {
  using epoll = openEpoll();
  const asked: Asking[] = [];
  try {
    for (const question of questions) {
      const asking = ask(question);
      epoll.add(asking.fd, EPOLL.in, asked.push(asking) - 1);
    }
    const answers: ArpAnswer[] = [];
    const end = performance.now() + ms;
    for (let left = ms; left > 0; left = Math.ceil(end - performance.now()))
      epoll.wait(left, (tag) => answers.push(...claims(asked[tag]!)));
    return answers;
  } finally {
    for (const { fd } of asked) sys("close", fd);
  }
};
