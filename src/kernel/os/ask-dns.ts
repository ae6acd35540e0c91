/** Questions to name servers, all at once, and what they say within a time. Synchronous: for a look at a node. */
import type { Ip } from "../../base/ip.ts";
import { family } from "../../base/ip.ts";
import { type DnsAnswer, dnsQuestion, readDnsAnswer } from "../codec/dns.ts";
import { writeSockaddr } from "../codec/sockaddr.ts";
import { EPOLL, openEpoll } from "./epoll.ts";
import { closeSocket, connectSocket, openInetSocket, receiveBytes, sendBytes } from "./inet-socket.ts";

const PORT = 53;

/** One answer for each name, from the first server that says something; undefined where none does. */
export const askDns = (
  servers: readonly Ip[],
  names: readonly string[],
  waitMs: number,
): readonly (DnsAnswer | undefined)[] => {
  const answers: (DnsAnswer | undefined)[] = names.map(() => undefined);
  const fds: number[] = [];
  using epoll = openEpoll();
  try {
    for (const ip of servers) {
      const fd = openInetSocket("udp", family(ip));
      if (fd < 0) continue;
      fds.push(fd);
      // Connected: answers of others do not arrive, and a refusal ends the wait.
      if (connectSocket(fd, writeSockaddr({ ip, port: PORT })) < 0) continue;
      for (const [i, name] of names.entries()) sendBytes(fd, dnsQuestion(i + 1, name));
      epoll.add(fd, EPOLL.in, fd);
    }
    const until = performance.now() + waitMs;
    const buffer = new Uint8Array(1500);
    const take = (fd: number): void => {
      for (let n = receiveBytes(fd, buffer); n > 0; n = receiveBytes(fd, buffer)) {
        const answer = readDnsAnswer(buffer.subarray(0, n));
        if (answer && answer.id >= 1 && answer.id <= names.length) answers[answer.id - 1] ??= answer;
      }
    };
    const left = (): number => Math.ceil(until - performance.now());
    while (answers.includes(undefined) && fds.length > 0 && left() > 0) epoll.wait(Math.max(0, left()), take);
    return answers;
  } finally {
    for (const fd of fds) closeSocket(fd);
  }
};
