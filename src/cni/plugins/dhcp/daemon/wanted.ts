/** A lease that is wanted: until a server grants it, none does in time, or the plugin that asked is gone. */
import { type Fault, FaultError, faultOf } from "../../../../base/fault.ts";
import type { Ip } from "../../../../base/ip.ts";
import type { Mac } from "../../../../base/mac.ts";
import { type DhcpMessage, optionCode } from "../../../../kernel/codec/dhcp/message.ts";
import { apply } from "../../../../net/apply.ts";
import { netnsName } from "../../../../net/plan/render.ts";
import { giveBack } from "../give-back.ts";
import { type Holder, holderText, type Lease, type LeasedLink, type Wants } from "../lease.ts";
import { needLink } from "../leased-link.ts";
import { clientIdOf } from "../messages.ts";
import type { Question, Reply } from "../protocol.ts";
import { leasedAddress } from "../result.ts";
import { Acquisition } from "./acquire.ts";
import type { Ending, Move } from "./exchange.ts";
import { type Ground, seenAt, visiting } from "./ground.ts";
import { type Line, openLine } from "./line.ts";

type Acquire = Question & { op: "acquire" };

/**
 * Milliseconds. The other end of a veth sends nothing until a worker of the kernel has seen that this one is up
 * (net/core/link_watch.c): an answer that comes sooner is lost.
 */
const settling = 10;

/** What becomes of it. */
export interface Waiting {
  /** False when the one who asked is gone. */
  reply(reply: Reply): boolean;
  granted(lease: Lease): void;
  /** It ended without a lease. */
  over(): void;
}

export class Wanted {
  readonly holder: Holder;
  readonly #g: Ground;
  readonly #waiting: Waiting;
  readonly #netns: string;
  readonly #wants: Wants;
  readonly #at: LeasedLink;
  readonly #acquisition: Acquisition;
  readonly #line: Line;
  /** Takes back that the link was set up. */
  readonly #undo: () => void;

  /** Begins. @throws FaultError bad-netns, not-found, unsupported, kernel; nothing is left then */
  constructor(g: Ground, q: Acquire, waiting: Waiting, before?: Ip) {
    this.#g = g;
    this.holder = q.holder;
    this.#waiting = waiting;
    this.#netns = q.netns;
    this.#wants = { provide: withClientId(q), request: q.request };
    const ready = visiting(g, q.netns, (path, kernel) => {
      const found = needLink(kernel, q.netns, path, q.holder.ifname);
      if (!found.link.up)
        apply(kernel, [{ do: "link.set", in: path, name: q.holder.ifname, set: { up: true }, fresh: true }]);
      try {
        return { at: found.at, wasUp: found.link.up, line: openLine(g.loop, found, this) };
      } catch (error) {
        if (!found.link.up) setDown(g, q);
        throw error;
      }
    });
    this.#at = ready.at;
    this.#line = ready.line;
    this.#undo = () => {
      if (!ready.wasUp) setDown(g, q);
    };
    const who = { mac: ready.at.mac, wants: this.#wants, broadcast: g.broadcast };
    this.#acquisition = new Acquisition(who, g.timing, g.chance, g.now(), ready.wasUp ? 0 : settling, before);
  }

  get dueAt(): number {
    return this.#acquisition.dueAt;
  }

  wake(now: number): void {
    this.#follow(this.#acquisition.wake(now));
  }

  heard(message: DhcpMessage, from: Mac): void {
    this.#follow(this.#acquisition.receive(this.#g.now(), message, from));
  }

  broken(errno: string): void {
    this.#fail(
      new FaultError({ kind: "kernel", op: `listen for DHCP on ${this.holder.ifname} in ${this.#netns}`, errno }),
    );
  }

  /** The one who asked is gone, or wants it no more. */
  cancel(): void {
    this.#close();
    this.#undo();
  }

  /** DEL came before the lease. */
  withdraw(): void {
    this.cancel();
    this.#waiting.reply({
      fault: { kind: "busy", what: `lease of ${holderText(this.holder)}`, why: "DEL came meanwhile" },
    });
  }

  #follow({ send, end }: Move): void {
    if (end) this.#end(end);
    else if (send) {
      const errno = this.#line.send(send);
      // A port that is not open yet, a queue that is full: the next one may go.
      if (errno) this.#g.log(`${holderText(this.holder)}: could not send ${send.message.type}: ${errno}`);
    }
  }

  #end(end: Ending): void {
    if (end.is !== "granted") {
      this.#fail(this.#noServer(end.why));
      return;
    }
    this.#close();
    const lease: Lease = {
      ...this.holder,
      bootId: this.#g.bootId,
      link: this.#at,
      wants: this.#wants,
      grant: end.grant,
    };
    const fault = this.#keep(lease);
    const taken = this.#waiting.reply(fault ? { fault } : { lease });
    if (taken && !fault) this.#waiting.granted(lease);
    else {
      this.#waiting.over();
      this.#abandon(lease);
    }
  }

  /** Without its width a lease is of no use; one that is not on disk would be lost with the daemon. */
  #keep(lease: Lease): Fault | undefined {
    try {
      leasedAddress(lease.grant);
      this.#g.store.save(lease);
      return undefined;
    } catch (error) {
      return faultOf(error);
    }
  }

  #abandon(lease: Lease): void {
    const { kernel } = this.#g;
    const said = visiting(this.#g, this.#netns, (path) => giveBack(kernel, lease, path, this.#g.chance.xid()));
    this.#g.log(`${holderText(this.holder)}: nobody takes ${lease.grant.address}: ${said}`);
    this.#g.store.remove(lease);
    this.#undo();
  }

  #fail(error: FaultError): void {
    this.#g.log(`${holderText(this.holder)}: ${error.message}`);
    this.cancel();
    this.#waiting.reply({ fault: error.fault });
    this.#waiting.over();
  }

  #close(): void {
    this.#line[Symbol.dispose]();
  }

  #noServer(why: string): FaultError {
    const name = netnsName(seenAt(this.#g, this.#netns));
    const { ifname } = this.holder;
    const inside = name.includes("/") ? `nsenter --net=${name}` : `ip netns exec ${name}`;
    return new FaultError({
      kind: "no-answer",
      who: `DHCP server on ${ifname} in ${this.#netns}`,
      why,
      fix: `${inside} tcpdump -ni ${ifname} port 67 or port 68`,
    });
  }
}

const setDown = (g: Ground, { netns, holder }: Acquire): void => {
  try {
    visiting(g, netns, (path, kernel) =>
      apply(kernel, [{ do: "link.set", in: path, name: holder.ifname, set: { up: false }, fresh: true }]),
    );
  } catch {
    // Gone with its namespace, or with the failed ADD that had made it.
  }
};

/** A config's own identifier stands instead of ours. */
const withClientId = ({ holder, provide }: Acquire): Wants["provide"] =>
  provide.has(optionCode.clientId) ? provide : new Map([[optionCode.clientId, clientIdOf(holder)], ...provide]);
