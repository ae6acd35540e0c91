/** A lease that is held: renewed in time, its link set down when it is lost, given back when it is asked for. */
import { FaultError } from "../../../../base/fault.ts";
import type { Mac } from "../../../../base/mac.ts";
import type { DhcpMessage } from "../../../../kernel/codec/dhcp/message.ts";
import { apply } from "../../../../net/apply.ts";
import { giveBack } from "../give-back.ts";
import { holderText, type Lease } from "../lease.ts";
import { findLeased } from "../leased-link.ts";
import type { Ending, Move } from "./exchange.ts";
import { type Ground, visiting } from "./ground.ts";
import { type Line, openLine } from "./line.ts";
import { Renewal } from "./renew.ts";

export class Held {
  lease: Lease;
  /** When to call `wake`. */
  dueAt: number;
  readonly #g: Ground;
  #renewal: Renewal | undefined;
  #line: Line | undefined;
  /** Its link is gone, and DEL may still come: it is remembered until it ends by itself. */
  #adrift = false;

  constructor(g: Ground, lease: Lease) {
    this.#g = g;
    this.lease = lease;
    this.dueAt = lease.lost === undefined ? lease.grant.renewAt : Number.POSITIVE_INFINITY;
  }

  /** True when nothing is left to remember. */
  wake(now: number): boolean {
    if (this.#adrift) return now >= this.lease.grant.expiresAt;
    if (!this.isThere()) {
      this.#drift();
      return now >= this.lease.grant.expiresAt;
    }
    this.#renewal ??= this.#begin(now);
    this.#follow(this.#renewal.wake(now));
    return false;
  }

  /** Takes the address off and tells the server. @throws FaultError when the address cannot be taken off */
  giveBack(): void {
    this.stop();
    const { lease } = this;
    const xid = this.#g.chance.xid();
    this.#say(visiting(this.#g, lease.link.netns, (path, kernel) => giveBack(kernel, lease, path, xid)));
    this.#g.store.remove(lease);
  }

  /** Does nothing more for it. */
  stop(): void {
    this.#line?.[Symbol.dispose]();
    this.#line = undefined;
    this.#renewal = undefined;
  }

  /** The link is there and is the one that it was got through. */
  isLive(netns: string): boolean {
    return this.lease.lost === undefined && this.lease.link.netns === netns && this.isThere();
  }

  #begin(now: number): Renewal {
    const { link, wants, grant } = this.lease;
    const who = { mac: link.mac, wants, broadcast: this.#g.broadcast };
    return new Renewal(who, grant, this.#g.timing, this.#g.chance, now);
  }

  isThere(): boolean {
    const { link } = this.lease;
    return visiting(this.#g, link.netns, (path, kernel) => findLeased(kernel, link, path) !== undefined);
  }

  #drift(): void {
    const { address, expiresAt } = this.lease.grant;
    this.stop();
    this.#adrift = true;
    this.dueAt = expiresAt;
    this.#say(`${this.lease.ifname} is gone: ${address} is not renewed any more`);
  }

  #follow({ send, end }: Move): void {
    if (end) {
      this.#end(end);
      return;
    }
    if (send) {
      const errno = this.#openLine()?.send(send);
      if (errno) this.#say(`could not ask for ${this.lease.grant.address} again: ${errno}`);
    }
    if (this.#renewal && !this.#renewal.listening) this.#closeLine();
    this.dueAt = this.#renewal?.dueAt ?? this.dueAt;
  }

  #openLine(): Line | undefined {
    const { link } = this.lease;
    this.#line ??= visiting(this.#g, link.netns, (path, kernel) => {
      const found = findLeased(kernel, link, path);
      return found && openLine(this.#g.loop, found, this);
    });
    return this.#line;
  }

  #closeLine(): void {
    this.#line?.[Symbol.dispose]();
    this.#line = undefined;
  }

  heard(message: DhcpMessage, from: Mac): void {
    if (this.#renewal) this.#follow(this.#renewal.receive(this.#g.now(), message, from));
  }

  /** The next request opens another. */
  broken(): void {
    this.#closeLine();
  }

  #end(end: Ending): void {
    this.stop();
    if (end.is === "granted") {
      this.lease = { ...this.lease, bootId: this.#g.bootId, grant: end.grant };
      this.dueAt = end.grant.renewAt;
      this.#g.store.save(this.lease);
      this.#say(`renewed ${end.grant.address} with ${end.grant.server}`);
    } else {
      this.lease = { ...this.lease, lost: end.why };
      this.dueAt = Number.POSITIVE_INFINITY;
      this.#setDown();
      this.#g.store.save(this.lease);
      this.#say(`lost ${this.lease.grant.address}: ${end.why}; ${this.lease.ifname} is set down`);
    }
  }

  /** Another may have the address by now. */
  #setDown(): void {
    const { link } = this.lease;
    try {
      visiting(this.#g, link.netns, (path, kernel) => {
        const found = findLeased(kernel, link, path);
        if (found) apply(kernel, [{ do: "link.set", in: path, name: found.link.name, set: { up: false } }]);
      });
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      this.#say(`could not set ${this.lease.ifname} down: ${error.message}`);
    }
  }

  #say(line: string): void {
    this.#g.log(`${holderText(this.lease)}: ${line}`);
  }
}
