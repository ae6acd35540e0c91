/** The nodes that come to a run: each is asked who it is, kept awake while others are waited for, and taken once. */
import { faultMessage, faultOf } from "../../base/fault.ts";

import type { Lost } from "./run/found.ts";
import type { Joined } from "./run/run.ts";
import type { Peer } from "./talk/peer.ts";

/** Nodes of one run: everyone tries everyone, so it grows with the square. */
const most = 100;
const heartbeatMs = 5000;

export interface Gathering {
  readonly joined: readonly Joined[];
  readonly lost: readonly Lost[];
  /** Takes one in; gives it, or nothing when it was refused. */
  welcome(peer: Peer): Promise<Joined | undefined>;
  /** One that could not even come. */
  miss(lost: Lost): void;
  /** No more of what keeps them awake. */
  stop(): void;
}

export const openGathering = (onLost: (lost: Lost) => void): Gathering => {
  const joined: Joined[] = [];
  const lost: Lost[] = [];
  const miss = (one: Lost): void => {
    lost.push(one);
    onLost(one);
  };
  const leave = (one: Joined, why: string): void => {
    const at = joined.indexOf(one);
    if (at < 0) return;
    joined.splice(at, 1);
    miss({ who: one.facts.node, why });
  };
  const beat = setInterval(() => {
    for (const one of joined)
      one.peer.ask("clock", {}).catch((error: unknown) => leave(one, faultMessage(faultOf(error))));
  }, heartbeatMs);
  return {
    joined,
    lost,
    miss,
    welcome: async (peer) => {
      try {
        const facts = await peer.ask("facts", {});
        const twin = joined.find(
          (j) =>
            j.facts.node === facts.node && j.facts.addresses[0] === facts.addresses[0] && facts.addresses.length > 0,
        );
        const why = twin ? "is here already" : joined.length >= most ? `only ${most} nodes at once` : undefined;
        if (why === undefined) {
          const one = { peer, facts };
          joined.push(one);
          return one;
        }
        peer.close();
        onLost({ who: facts.node, why });
      } catch (error) {
        peer.close();
        miss({ who: peer.who, why: faultMessage(faultOf(error)) });
      }
      return undefined;
    },
    stop: () => clearInterval(beat),
  };
};
