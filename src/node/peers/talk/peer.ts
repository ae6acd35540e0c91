/** A node as the one who coordinates sees it: here, or behind a channel. */
import * as v from "valibot";
import type { Clock } from "../../../base/clock.ts";
import { FaultError } from "../../../base/fault.ts";
import type { Channel } from "../link/channel.ts";
import { type Answers, type Ask, answerSchemas, issueText, replySchema } from "./asks.ts";
import { answering, type NodeSide } from "./serve.ts";

type Body<K extends keyof Answers> = Omit<Extract<Ask, { ask: K }>, "id" | "ask">;

export interface Peer {
  /** Address and port, or `here`. */
  readonly who: string;
  ask<K extends keyof Answers>(ask: K, body: Body<K>): Promise<Answers[K]>;
  /** Ends it, with what it has open. */
  close(): void;
}

/** Milliseconds until an answer: tries take as long as they are given, the rest comes at once. */
const patience = 20_000;

const fault = (who: string, why: string): FaultError =>
  new FaultError({ kind: "no-answer", who: `answer of ${who}`, why });

/** Reads answers as they come; they come in any order. */
export const remotePeer = (channel: Channel): Peer => {
  const waiting = new Map<number, (reply: { answer: unknown } | { refused: string }) => void>();
  let last = 0;
  const read = async (): Promise<void> => {
    for (;;) {
      const value = await channel.receive();
      if (value === undefined) break;
      const reply = v.safeParse(replySchema, value);
      if (!reply.success) continue;
      waiting.get(reply.output.id)?.(reply.output);
    }
    for (const give of waiting.values()) give({ refused: channel.over ?? "gone" });
  };
  void read();
  const ask = <K extends keyof Answers>(what: K, body: Body<K>): Promise<Answers[K]> => {
    if (channel.over !== undefined) return Promise.reject(fault(channel.who, channel.over));
    const id = ++last;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(id);
      };
      const timer = setTimeout(() => {
        done();
        reject(fault(channel.who, `nothing within ${patience / 1000} s`));
      }, patience);
      waiting.set(id, (reply) => {
        done();
        if ("refused" in reply) return reject(fault(channel.who, reply.refused));
        const answer = v.safeParse(answerSchemas[what], reply.answer);
        return answer.success
          ? resolve(answer.output as Answers[K])
          : reject(fault(channel.who, `not understood: ${issueText(answer.issues)}`));
      });
      channel.send({ id, ask: what, ...body });
    });
  };
  return { who: channel.who, ask, close: () => channel.close() };
};

/** This node itself: asked the same, without a channel. */
export const localPeer = (side: NodeSide, clock: Clock): Peer => {
  const node = answering(side, clock);
  return {
    who: "here",
    ask: async (what, body) => (await node.answer({ id: 0, ask: what, ...body } as Ask)) as never,
    close: () => node[Symbol.dispose](),
  };
};
