/** `podwire node listen`: this node calls the one who coordinates, or waits for its call, answers one run, and is gone. */
import { type Clock, systemClock } from "../../base/clock.ts";
import { FaultError } from "../../base/fault.ts";
import type { Ip } from "../../base/ip.ts";
import type { Host } from "../host.ts";
import type { Role } from "../ports/row.ts";
import { type Called, call } from "./link/call.ts";
import { type Channel, openChannel } from "./link/channel.ts";
import { keepDoor } from "./link/door-keeper.ts";
import type { Pipe } from "./link/pipe.ts";
import { type Place, pskOf } from "./link/token.ts";
import { factsOf } from "./talk/facts.ts";
import { type Served, serve } from "./talk/serve.ts";

export interface ListenOptions {
  readonly host: Host;
  readonly roles: readonly Role[];
  readonly version: string;
  readonly token: string;
  /** Address at which others are to try us. */
  readonly nodeIp?: Ip;
  /** Milliseconds to stay, whatever happens. */
  readonly forMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly say: (line: string) => void;
}

/** By which way the one who coordinates is reached. */
export type Way =
  | { readonly by: "call"; readonly place: Place }
  | { readonly by: "wait"; readonly port: number; readonly ip?: Ip }
  | { readonly by: "pipe"; readonly pipe: Pipe };

const waitForCall = (way: Extract<Way, { by: "wait" }>, o: ListenOptions, stop: AbortSignal): Promise<Called> =>
  new Promise((resolve, reject) => {
    const opening = keepDoor({
      port: way.port,
      ...(way.ip ? { ip: way.ip } : {}),
      psk: pskOf(o.token),
      onChannel: (channel, own) => {
        void opening.then((keeper) => keeper.close());
        resolve({ channel, ...(own ? { own } : {}) });
      },
      onRefused: (address, why) => o.say(`refused ${address}: ${why}`),
    });
    opening.then(({ port }) => o.say(`waiting on port ${port} to be called`), reject);
    stop.addEventListener("abort", () => {
      opening.then(
        (keeper) => keeper.close(),
        () => {},
      );
      reject(new FaultError({ kind: "no-answer", who: "call", why: "nobody who knows the token called in time" }));
    });
  });

const reach = async (way: Way, o: ListenOptions, stop: AbortSignal): Promise<Called> => {
  switch (way.by) {
    case "call":
      return call(way.place, pskOf(o.token));
    case "wait":
      return waitForCall(way, o, stop);
    case "pipe":
      return { channel: await openChannel(way.pipe, { side: "called", psk: pskOf(o.token) }) };
  }
};

/** @throws FaultError no-answer, busy */
export const listen = async (way: Way, o: ListenOptions): Promise<Served> => {
  if (o.nodeIp !== undefined && !o.host.addresses.some((a) => a.address.ip === o.nodeIp)) {
    const want = "an address that one of this node's links has (ip addr shows them)";
    throw new FaultError({ kind: "bad-value", what: "--node-ip", got: o.nodeIp, want });
  }
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const timer = setTimeout(abort, o.forMs);
  o.signal?.addEventListener("abort", abort, { once: true });
  let channel: Channel | undefined;
  try {
    const called = await reach(way, o, stop.signal);
    channel = called.channel;
    const wanted = o.nodeIp ?? called.own;
    const facts = () =>
      factsOf(o.host, { roles: o.roles, version: o.version, ...(wanted === undefined ? {} : { wanted }) });
    o.say(`with ${channel.who}; it starts when all nodes are there`);
    return await serve(channel, { ns: o.host.ns, facts }, o.clock ?? systemClock, stop.signal);
  } finally {
    clearTimeout(timer);
    channel?.close();
  }
};
