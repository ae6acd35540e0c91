/** How far another node's clock is from ours: four moments, as NTP takes them (RFC 5905, section 8). */
import type { Clock } from "../../../base/clock.ts";
import type { Peer } from "../talk/peer.ts";
import type { ClockReading } from "./found.ts";

const rounds = 4;

/** Sent and received by our clock, heard and said by theirs. Pure. */
export const readingOf = (sent: number, heard: number, said: number, received: number): ClockReading => ({
  offset: (heard - sent + (said - received)) / 2,
  trip: received - sent - (said - heard),
});

/** The reading of the quickest of a few answers. */
export const readClock = async (peer: Peer, clock: Clock): Promise<ClockReading> => {
  const readings: ClockReading[] = [];
  for (let i = 0; i < rounds; i++) {
    const sent = clock.now();
    const { heard, said } = await peer.ask("clock", {});
    readings.push(readingOf(sent, heard, said, clock.now()));
  }
  return readings.reduce((best, one) => (one.trip < best.trip ? one : best));
};
