/** A lease that is held: renewed in time, its link set down when it is lost, given back when it is asked for. */
import { FaultError } from "../../../../base/fault.ts";
import type { Mac } from "../../../../base/mac.ts";
import type { DhcpMessage } from "../../../../kernel/codec/dhcp/message.ts";
import { apply } from "../../../../net/apply.ts";
import type { Link } from "../../../../net/links.ts";
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
    this.dueAt = lease.lost === undefined ? this.#renewalDue() : Number.POSITIVE_INFINITY;
  }

  /** True when nothing is left to remember. */
  wake(now: number): boolean {
    if (this.#adrift) return now >= this.lease.grant.expiresAt;
    const link = this.#link();
    if (!link) {
      this.#drift();
      return now >= this.lease.grant.expiresAt;
    }
    this.#renewal ??= this.#begin(now, link.mac ?? this.lease.link.mac);
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

  /** It holds, and the namespace at that path has the link that it was got through. */
  isLive(netns: string): boolean {
    const { lost, link } = this.lease;
    return lost === undefined && this.#link(netns)?.index === link.index;
  }

  isThere(): boolean {
    return this.#link() !== undefined;
  }

  /** Earlier than T1 by chance, up to a tenth: pods that were started together do not ask together for ever. */
  #renewalDue(): number {
    const { obtainedAt, renewAt } = this.lease.grant;
    return Number.isFinite(renewAt) ? renewAt - ((renewAt - obtainedAt) / 10) * this.#g.chance.unit() : renewAt;
  }

  /** The MAC may be another than it was: a plugin after the one that made the link sets it. */
  #begin(now: number, mac: Mac): Renewal {
    const { wants, grant, link } = this.lease;
    this.lease = { ...this.lease, link: { ...link, mac } };
    return new Renewal({ mac, wants, broadcast: this.#g.broadcast }, grant, this.#g.timing, this.#g.chance, now);
  }

  #link(netns = this.lease.link.netns): Link | undefined {
    const { link } = this.lease;
    return visiting(this.#g, netns, (path, kernel) => findLeased(kernel, link, path)?.link);
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
      this.dueAt = this.#renewalDue();
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
