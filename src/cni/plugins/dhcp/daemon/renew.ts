/** Keeping a lease (RFC 2131 section 4.4.5): at T1 its server is asked, at T2 all are; at its end it is lost. Pure. */
import type { Mac } from "../../../../base/mac.ts";
import { type DhcpMessage, optionCode } from "../../../../kernel/codec/dhcp/message.ts";
import { readIp, readWords } from "../../../../kernel/codec/dhcp/values.ts";
import type { Grant } from "../lease.ts";
import { grantOf, renew, type Speaker } from "../messages.ts";
import type { Chance, Exchange, Move } from "./exchange.ts";
import { halving, Pace, type Timing } from "./pace.ts";

export class Renewal implements Exchange {
  listening = false;
  dueAt: number;
  readonly #who: Speaker;
  readonly #grant: Grant;
  readonly #began: number;
  readonly #xid: number;
  readonly #pace: Pace;
  #nextSend: number;
  #lastSent: number;

  constructor(who: Speaker, grant: Grant, timing: Timing, chance: Chance, now: number) {
    this.#who = who;
    this.#grant = grant;
    this.#began = now;
    this.#xid = chance.xid();
    this.#nextSend = now;
    this.#lastSent = now;
    this.dueAt = now;
    const stageEnd = (at: number): number => (at < grant.rebindAt ? grant.rebindAt : grant.expiresAt);
    this.#pace = new Pace(now, { tryMs: timing.tryMs, chance: chance.unit, pause: halving(stageEnd) });
  }

  wake(now: number): Move {
    const { address, server, serverMac, rebindAt, expiresAt } = this.#grant;
    if (now >= expiresAt) return { end: { is: "lost", why: `its lease ended and ${server} did not answer` } };
    if (now < this.#nextSend) {
      // The try is over: until the next one nothing can come.
      this.listening = false;
      this.dueAt = Math.min(this.#nextSend, expiresAt);
      return {};
    }
    this.listening = true;
    this.#lastSent = now;
    const { at, fresh, tryEnds } = this.#pace.next(now);
    this.#nextSend = at;
    this.dueAt = Math.min(fresh ? tryEnds : at, expiresAt);
    const message = renew(this.#who, { xid: this.#xid, secs: Math.floor((now - this.#began) / 1000) }, address);
    return { send: now < rebindAt ? { message, to: { ip: server, mac: serverMac } } : { message } };
  }

  receive(now: number, m: DhcpMessage, from: Mac): Move {
    const { address, server, rebindAt } = this.#grant;
    if (m.xid !== this.#xid || m.mac !== this.#who.mac) return {};
    const by = readIp(m.options.get(optionCode.server));
    // Before T2 no other was asked.
    if (by === undefined || (now < rebindAt && by !== server)) return {};
    if (m.type === "NAK") {
      const words = readWords(m.options.get(optionCode.message));
      return { end: { is: "lost", why: `${by} took it back${words && `: ${words}`}` } };
    }
    if (m.type !== "ACK") return {};
    const grant = grantOf(m, from, this.#lastSent);
    if (!grant) return {};
    if (grant.address === address) return { end: { is: "granted", grant } };
    return { end: { is: "lost", why: `${by} gave ${grant.address} instead` } };
  }
}
