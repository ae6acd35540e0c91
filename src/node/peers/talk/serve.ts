/** A node that answers: facts, clock, doors and tries; nothing else. */
import * as v from "valibot";
import { unhex } from "../../../base/bytes.ts";
import type { Clock } from "../../../base/clock.ts";
import { FaultError, faultMessage, faultOf } from "../../../base/fault.ts";
import type { Netns } from "../../../net/kernel.ts";
import type { Channel } from "../link/channel.ts";
import { openStation, type Station } from "../traffic/station.ts";
import { type Ask, askSchema, issueText } from "./asks.ts";
import type { PeerFacts } from "./facts.ts";

export interface NodeSide {
  readonly ns: Netns;
  readonly facts: () => PeerFacts;
}

interface Answering extends Disposable {
  answer(ask: Ask): Promise<unknown>;
  /** Tries sent for others so far. */
  readonly tried: number;
}

export const answering = ({ ns, facts }: NodeSide, clock: Clock): Answering => {
  let station: Station | undefined;
  let tried = 0;
  const opened = (): Station => {
    if (station) return station;
    throw new FaultError({ kind: "unavailable", why: "nothing is open yet" });
  };
  return {
    answer: async (ask) => {
      switch (ask.ask) {
        case "facts":
          return facts();
        case "clock": {
          const heard = clock.now();
          return { heard, said: clock.now() };
        }
        case "open":
          station?.[Symbol.dispose]();
          station = openStation(ns, unhex(ask.key));
          return station.open(ask.doors);
        case "try":
          tried += ask.tries.length;
          return opened().tries(ask.tries, ask.timeoutMs);
        case "paths":
          return opened().paths(ask.paths);
        case "arrived":
          return opened().arrived();
        case "end":
          station?.[Symbol.dispose]();
          station = undefined;
          return {};
      }
    },
    get tried() {
      return tried;
    },
    [Symbol.dispose]: () => {
      station?.[Symbol.dispose]();
      station = undefined;
    },
  };
};

export interface Served {
  /** `done`: the run is over. `gone`: the one who coordinates is. */
  readonly end: "done" | "gone";
  readonly tried: number;
}

/** Milliseconds without a word after which the one who coordinates counts as gone; it speaks each few seconds. */
const silence = 30_000;

/** Answers until the run is over, or the other side is gone, or `signal`. Closes the channel and all that is open. */
export const serve = async (channel: Channel, side: NodeSide, clock: Clock, signal?: AbortSignal): Promise<Served> => {
  using node = answering(side, clock);
  const close = (): void => channel.close();
  let timer = setTimeout(close, silence);
  signal?.addEventListener("abort", close, { once: true });
  let done = false;
  const reply = async (value: unknown): Promise<void> => {
    const id = (value as { id?: unknown } | null)?.id;
    const ask = v.safeParse(askSchema, value);
    if (!ask.success) {
      channel.send({ id: typeof id === "number" ? id : 0, refused: issueText(ask.issues) });
      return;
    }
    try {
      channel.send({ id: ask.output.id, answer: await node.answer(ask.output) });
    } catch (error) {
      channel.send({ id: ask.output.id, refused: faultMessage(faultOf(error)) });
    }
    if (ask.output.ask === "end") done = true;
  };
  while (!done) {
    const value = await channel.receive();
    if (value === undefined) break;
    clearTimeout(timer);
    timer = setTimeout(close, silence);
    const replied = reply(value);
    // Tries take their time; meanwhile the one who coordinates may ask for more, or end it.
    if ((value as { ask?: unknown }).ask === "end") await replied;
  }
  clearTimeout(timer);
  signal?.removeEventListener("abort", close);
  channel.close();
  return { end: done ? "done" : "gone", tried: node.tried };
};
