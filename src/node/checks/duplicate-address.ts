/** I7: does somebody else on the link answer to an address of this node? */
import { cidrFamily } from "../../base/cidr.ts";
import { IFA_F } from "../../kernel/codec/route/address.ts";
import { IFF } from "../../kernel/codec/route/link.ts";
import { type ArpQuestion, askWhoHas } from "../../kernel/os/arp-socket.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { globalAddresses, uplinksOf } from "../reads/uplinks.ts";

/** Milliseconds. On a link of one site an answer takes less than one. */
const patience = 120;

const questionsOf = (host: Host): ArpQuestion[] =>
  uplinksOf(host)
    .filter((l) => l.up && String(l.mac).length === 17 && !(l.flags & IFF.noarp))
    .flatMap((l) =>
      globalAddresses(host, l)
        .filter((a) => cidrFamily(a.address) === 4)
        .map((a) => ({ link: l.index, mac: l.mac!, ip: a.address.ip })),
    );

const nameOf = (host: Host, index: number): string =>
  host.links.find((l) => l.index === index)?.name ?? `link ${index}`;

export const duplicateAddressCheck: Check = {
  id: "I7",
  name: "duplicate-address",
  area: "identity",
  severity: "warn",
  title: "nobody else on the link has the node's addresses",
  why: "part of the packets go to the other one: connections to the node break off, come and go",
  run: (host): readonly Finding[] => {
    // The kernel has asked for these itself (RFC 4862 5.4).
    const failed = host.addresses.filter((a) => a.flags & IFA_F.dadfailed);
    const questions = questionsOf(host);
    if (questions.length === 0 && failed.length === 0) return [];
    // Two cards on one link answer for each other.
    const own = new Set(host.links.map((l) => String(l.mac)));
    const answers = questions.length === 0 ? [] : host.ns.enter(() => askWhoHas(questions, patience));
    const others = answers.filter(({ mac }) => !own.has(mac));
    const want = "no answer from anybody else: another address for one of the two";
    const found = [
      ...failed.map(
        ({ address: { ip }, link }): Finding => ({
          outcome: "warn",
          subject: nameOf(host, link),
          seen: `${ip} is somebody else's, the kernel found`,
          want,
        }),
      ),
      ...questions.flatMap((question): Finding[] => {
        const macs = [...new Set(others.filter((o) => o.question === question).map(({ mac }) => mac))];
        const subject = nameOf(host, question.link);
        return macs.length === 0
          ? [ok(`${question.ip} has one owner`, subject)]
          : [{ outcome: "warn", subject, seen: `${question.ip} is also answered for by ${macs.join(", ")}`, want }];
      }),
    ];
    return found;
  },
};
