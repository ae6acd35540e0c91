/** DEL and GC: the daemon gives leases back; where none runs, the plugin does, since what is to go must not wait for one. */
import { FaultError } from "../../../base/fault.ts";
import { u32 } from "../../../kernel/codec/codec.ts";
import { each } from "../../attach/each.ts";
import type { Ports } from "../../plugin.ts";
import { ask } from "./client.ts";
import { giveBack } from "./give-back.ts";
import type { Lease } from "./lease.ts";
import type { Question } from "./protocol.ts";
import { hasStore, lockStore, type Store } from "./store.ts";

/** A daemon that starts has the lock a moment before it listens. */
const tries = 200;
const pauseMs = 10;

/** Asks the daemon; without one, gives back what `pick` finds in the store. @throws FaultError */
export const giveBackBy = async (
  socket: string,
  { kernel, clock, log }: Ports,
  question: Question,
  pick: (store: Store) => readonly Lease[],
): Promise<void> => {
  for (let tried = 1; ; tried++) {
    if (!("noDaemon" in ask(socket, question)) || !hasStore(socket)) return;
    using store = lockStore(socket, false, log);
    if (store) {
      const acts = pick(store).map((lease) => () => {
        log(`no daemon listens at ${socket}: ${giveBack(kernel, lease, lease.link.netns, u32.read(clock.random(4)))}`);
        store.remove(lease);
      });
      await each(...acts);
      return;
    }
    if (tried === tries)
      throw new FaultError({
        kind: "busy",
        what: `the dhcp daemon at ${socket}`,
        why: "it holds its lock and does not answer",
      });
    Bun.sleepSync(pauseMs);
  }
};
