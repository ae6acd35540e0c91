/** All leases of the daemon, and what is asked about them. */
import { FaultError, faultMessage, faultOf, joinFaults } from "../../../../base/fault.ts";
import { accessSync, W_OK } from "../../../../kernel/os/files.ts";
import type { Attachment } from "../../../spec/types.ts";
import { type Holder, holderText, isOther, type Lease } from "../lease.ts";
import type { Question, Reply } from "../protocol.ts";
import type { Ground } from "./ground.ts";
import { Held } from "./held.ts";
import { Wanted } from "./wanted.ts";

type Acquire = Question & { op: "acquire" };

/** Gives the answer: false when nobody is there to take it. */
export type Answer = (reply: Reply) => boolean;

export class Daemon {
  readonly #g: Ground;
  readonly #held = new Map<string, Held>();
  readonly #wanted = new Map<string, Wanted>();

  constructor(g: Ground) {
    this.#g = g;
  }

  /** Goes on with what an earlier daemon has left. */
  resume(): void {
    for (const lease of this.#g.store.load()) {
      const held = this.#hold(lease);
      // Nothing of an earlier boot is there any more, and times of its clock say nothing.
      if (lease.bootId !== this.#g.bootId) this.#drop(held);
      else if (lease.lost !== undefined && !held.isThere()) this.#forget(held);
      else this.#g.log(`${holderText(lease)}: goes on with ${lease.grant.address} from ${lease.grant.server}`);
    }
  }

  /** When to call `wake`, at the latest. */
  dueAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const one of this.#held.values()) at = Math.min(at, one.dueAt);
    for (const one of this.#wanted.values()) at = Math.min(at, one.dueAt);
    return at;
  }

  /** Does what is due. One that fails must not keep the others waiting. */
  wake(now: number): void {
    for (const one of [...this.#wanted.values()]) if (one.dueAt <= now) one.wake(now);
    for (const one of [...this.#held.values()])
      if (one.dueAt <= now)
        this.#guard(one, () => {
          if (one.wake(now)) this.#forget(one);
        });
  }

  /** Gives what to call when the one who asks hangs up before the answer. */
  ask(question: Question, answer: Answer): () => void {
    try {
      if (question.op === "acquire") return this.#acquire(question, answer);
      answer(this.#answerOf(question));
    } catch (error) {
      answer({ fault: faultOf(error) });
    }
    return () => {};
  }

  #answerOf(q: Exclude<Question, Acquire>): Reply {
    switch (q.op) {
      case "show": {
        const lease = this.#held.get(holderText(q.holder))?.lease;
        return lease ? { lease } : {};
      }
      case "release":
        this.#release(q.holder);
        return {};
      case "keep":
        this.#keep(q.network, q.valid);
        return {};
      case "status":
        accessSync(this.#g.store.dir, W_OK);
        return {};
    }
  }

  #acquire(q: Acquire, answer: Answer): () => void {
    const key = holderText(q.holder);
    if (this.#wanted.has(key))
      throw new FaultError({ kind: "busy", what: `lease of ${key}`, why: "it is being asked for already" });
    const there = this.#held.get(key);
    if (there?.isLive(q.netns)) {
      answer({ lease: there.lease });
      return () => {};
    }
    // Another pod under the same names: the server knows us by them, and will give the same address.
    if (there) this.#forget(there);
    const wanted = new Wanted(
      this.#g,
      q,
      {
        reply: answer,
        granted: (lease) => {
          this.#wanted.delete(key);
          this.#hold(lease);
          this.#g.log(`${key}: got ${lease.grant.address} from ${lease.grant.server}`);
        },
        over: () => this.#wanted.delete(key),
      },
      there?.lease.grant.address,
    );
    this.#wanted.set(key, wanted);
    return () => {
      if (this.#wanted.get(key) !== wanted) return;
      this.#wanted.delete(key);
      wanted.cancel();
      this.#g.log(`${key}: the plugin that asked for a lease is gone`);
    };
  }

  #release(holder: Holder): void {
    const key = holderText(holder);
    const wanted = this.#wanted.get(key);
    if (wanted) {
      this.#wanted.delete(key);
      wanted.withdraw();
    }
    const held = this.#held.get(key);
    if (!held) return;
    held.giveBack();
    this.#held.delete(key);
  }

  #keep(network: string, valid: readonly Attachment[]): void {
    const errors: unknown[] = [];
    for (const { lease } of [...this.#held.values()])
      if (isOther(lease, network, valid))
        try {
          this.#release(lease);
        } catch (error) {
          errors.push(error);
        }
    if (errors.length > 0) throw joinFaults(errors);
  }

  #hold(lease: Lease): Held {
    const held = new Held(this.#g, lease);
    this.#held.set(holderText(lease), held);
    return held;
  }

  #drop(held: Held): void {
    this.#guard(held, () => {
      held.giveBack();
      this.#held.delete(holderText(held.lease));
    });
  }

  #forget(held: Held): void {
    held.stop();
    this.#g.store.remove(held.lease);
    this.#held.delete(holderText(held.lease));
  }

  #guard(held: Held, act: () => void): void {
    try {
      act();
    } catch (error) {
      held.dueAt = this.#g.now() + afterTrouble;
      this.#g.log(`${holderText(held.lease)}: ${faultMessage(faultOf(error))}`);
    }
  }
}

/** Milliseconds until what failed here, not on the network, is tried again. */
const afterTrouble = 10_000;
