/** A node's part of the traffic: its doors, what it tries, and the loop that turns while there is any of it. */
import { family } from "../../../base/ip.ts";
import { errnoName } from "../../../kernel/os/errno.ts";
import { openLoop } from "../../../kernel/os/loop.ts";
import { raiseFileLimit } from "../../../kernel/os/rlimit.ts";
import type { Netns } from "../../../net/kernel.ts";
import { openDoors } from "./doors.ts";
import { flyAll } from "./fly.ts";
import type { Ground } from "./ground.ts";
import { climb } from "./ladder.ts";
import { openRaw } from "./raw.ts";
import type { Door, DoorState, Path, PathFound, Tried, Try } from "./tried.ts";

export interface Station extends Disposable {
  open(doors: readonly Door[]): DoorState[];
  tries(tries: readonly Try[], timeoutMs: number): Promise<Tried[]>;
  paths(paths: readonly Path[]): Promise<PathFound[]>;
  /** Ids of requests that arrived here. */
  arrived(): number[];
}

/** Milliseconds that the loop may wait before the rest of the process has its turn. */
const [fast, slow] = [4, 25];

export const openStation = (ns: Netns, key: Uint8Array): Station => {
  raiseFileLimit();
  const loop = openLoop();
  const g: Ground = { ns, loop, key, arrived: new Set(), busy: 0 };
  const raw = openRaw(g);
  let closed = false;
  let turning = false;
  const turn = async (): Promise<void> => {
    if (turning) return;
    turning = true;
    while (!closed) {
      loop.turn(g.busy > 0 ? fast : slow);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const openIp = ({ id, port, ip }: Door): DoorState => {
    const r = raw.open(port, family(ip));
    return r < 0 ? { id, state: "cannot", by: errnoName(-r) } : { id, state: "open" };
  };
  return {
    open: (doors) => {
      void turn();
      const states = openDoors(
        g,
        doors.filter((d) => d.protocol !== "ip"),
      );
      const byId = new Map(doors.map((d) => [d.id, d]));
      const heard = states.map((state): DoorState => {
        const { protocol, ip } = byId.get(state.id)!;
        const overheard = state.state === "taken" && protocol === "udp" && raw.overhear(family(ip)) === 0;
        return { ...state, ...(overheard ? { overheard } : {}) };
      });
      return [...heard, ...doors.filter((d) => d.protocol === "ip").map(openIp)];
    },
    tries: (tries, timeoutMs) => {
      void turn();
      return flyAll(g, tries, timeoutMs, raw.start);
    },
    paths: (paths) => {
      void turn();
      g.busy++;
      return new Promise((resolve) =>
        climb(g, paths, (found) => {
          g.busy--;
          resolve(found);
        }),
      );
    },
    arrived: () => [...g.arrived],
    [Symbol.dispose]: () => {
      closed = true;
      loop[Symbol.dispose]();
    },
  };
};
