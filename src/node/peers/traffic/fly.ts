/** Tries of one node, all on their way at once as far as descriptors go; gives how each ended. */
import type { Flight, Ground } from "./ground.ts";
import type { Tried, Try } from "./tried.ts";
import { startUdp } from "./try-datagram.ts";
import { startTcp } from "./try-tcp.ts";

/** The rest waits for its turn. */
const connectionsAtOnce = 400;

type StartRaw = (flight: Flight, timeoutMs: number) => void;

export const flyAll = (g: Ground, tries: readonly Try[], timeoutMs: number, startRaw: StartRaw): Promise<Tried[]> =>
  new Promise((resolve) => {
    const ends: Tried[] = [];
    const waiting: Flight[] = [];
    let connecting = 0;
    let closeUdp: (() => void) | undefined;
    const finish = (): void => {
      // Some land as they start.
      if (!closeUdp || ends.length < tries.length) return;
      g.busy--;
      closeUdp();
      resolve(ends);
    };
    const begin = (flight: Flight): void => {
      flight.startedAt = performance.now();
      g.loop.after(timeoutMs, flight, () => flight.land({ outcome: "silent" }));
    };
    const connectSome = (): void => {
      while (connecting < connectionsAtOnce) {
        const flight = waiting.shift();
        if (!flight) return;
        connecting++;
        begin(flight);
        startTcp(g, flight);
      }
    };
    const newFlight = (t: Try): Flight => {
      const flight: Flight = {
        try: t,
        startedAt: 0,
        done: false,
        land: (end) => {
          if (flight.done) return;
          flight.done = true;
          flight.release?.();
          ends.push({ id: t.id, ...end });
          if (t.protocol === "tcp") connecting--;
          // Not from within the start of another: many that fail at once would be as many calls deep.
          if (waiting.length > 0) g.loop.after(0, { done: false }, connectSome);
          finish();
        },
      };
      return flight;
    };
    const of = (protocol: Try["protocol"]): Flight[] => tries.filter((t) => t.protocol === protocol).map(newFlight);
    g.busy++;
    const [udp, ip] = [of("udp"), of("ip")];
    for (const flight of [...udp, ...ip]) begin(flight);
    for (const flight of ip) startRaw(flight, timeoutMs);
    waiting.push(...of("tcp"));
    connectSome();
    closeUdp = startUdp(g, udp, timeoutMs);
    finish();
  });
