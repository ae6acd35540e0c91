/** Getting a lease (RFC 2131 section 3.1): DISCOVER, OFFER, REQUEST, ACK; the first offer is taken. Pure. */
import type { Ip } from "../../../../base/ip.ts";
import type { Mac } from "../../../../base/mac.ts";
import { type DhcpMessage, noIp, optionCode } from "../../../../kernel/codec/dhcp/message.ts";
import { readIp, readWords } from "../../../../kernel/codec/dhcp/values.ts";
import { discover, grantOf, request, type Speaker } from "../messages.ts";
import type { Chance, Exchange, Move } from "./exchange.ts";
import { doubling, Pace, type Timing } from "./pace.ts";

interface Offer {
  readonly address: Ip;
  readonly server: Ip;
  /** When it was first taken. */
  readonly takenAt: number;
}

/** After a refusal; a server that refuses always must not be asked without end. */
const afterRefusal = 1000;

export class Acquisition implements Exchange {
  readonly listening = true;
  dueAt: number;
  readonly #who: Speaker;
  readonly #timing: Timing;
  readonly #chance: Chance;
  readonly #began: number;
  readonly #pace: Pace;
  #wanted: Ip | undefined;
  #xid: number;
  #offer: Offer | undefined;
  #fresh = false;
  #sent = 0;
  #heard = "none answered";

  /** `delay`: until the first message, in milliseconds. `wanted`: an address that it had before. */
  constructor(who: Speaker, timing: Timing, chance: Chance, now: number, delay = 0, wanted?: Ip) {
    this.#who = who;
    this.#timing = timing;
    this.#chance = chance;
    this.#began = now;
    this.#wanted = wanted;
    this.#xid = chance.xid();
    this.dueAt = now + delay;
    this.#pace = new Pace(now, { ...timing, chance: chance.unit, pause: doubling(timing, chance.unit) });
  }

  wake(now: number): Move {
    const giveUpAt = this.#began + this.#timing.giveUp;
    if (now >= giveUpAt) return { end: { is: "silent", why: this.#story(now) } };
    if (this.#fresh) this.#startOver();
    this.#sent++;
    const { at, fresh } = this.#pace.next(now);
    this.#fresh = fresh;
    this.dueAt = Math.min(at, giveUpAt);
    const c = { xid: this.#xid, secs: Math.floor((now - this.#began) / 1000) };
    const message = this.#offer
      ? request(this.#who, c, this.#offer.address, this.#offer.server)
      : discover(this.#who, c, this.#wanted);
    return { send: { message } };
  }

  receive(now: number, m: DhcpMessage, from: Mac): Move {
    if (m.xid !== this.#xid || m.mac !== this.#who.mac) return {};
    const server = readIp(m.options.get(optionCode.server));
    if (server === undefined) return {};
    if (m.type === "OFFER" && !this.#offer && m.yiaddr !== noIp) {
      this.#offer = { address: m.yiaddr, server, takenAt: now };
      this.#heard = `${server} offered ${m.yiaddr} and did not confirm it`;
      this.#fresh = false;
      return this.wake(now);
    }
    if (!this.#offer || server !== this.#offer.server) return {};
    if (m.type === "ACK") {
      const grant = grantOf(m, from, this.#offer.takenAt);
      return grant ? { end: { is: "granted", grant } } : {};
    }
    if (m.type === "NAK") this.#refused(now, server, readWords(m.options.get(optionCode.message)));
    return {};
  }

  #refused(now: number, server: Ip, words: string): void {
    this.#heard = `${server} refused ${this.#offer?.address}${words && `: ${words}`}`;
    this.#wanted = undefined;
    this.#startOver();
    this.#fresh = false;
    this.dueAt = Math.min(now + afterRefusal, this.#began + this.#timing.giveUp);
  }

  #startOver(): void {
    this.#offer = undefined;
    this.#xid = this.#chance.xid();
  }

  #story(now: number): string {
    const seconds = Math.round((now - this.#began) / 1000);
    return `${this.#sent} requests in ${seconds} s, ${this.#heard}`;
  }
}
