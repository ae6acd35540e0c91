/** What each step does to a kernel, and the step that takes it back. Total over the steps: a new one must be executed. */

import { FaultError } from "../base/fault.ts";
import { createNetns, deleteNetns } from "../kernel/os/netns.ts";
import { addAddress, delAddress } from "./addresses.ts";
import { addVlan, delVlan } from "./bridge-vlans.ts";
import { type Executor, type Ground, tolerate } from "./executor.ts";
import { appendFdb, delFdb } from "./fdb.ts";
import { addLink, delLink, needLink, setLink, setPort } from "./links.ts";
import { bringsDown, lossesOf, regain } from "./losses.ts";
import { moveLink } from "./move.ts";
import { delNeighbour, replaceNeighbour } from "./neighbours.ts";
import { carryOut } from "./nft/undo.ts";
import { render } from "./plan/render.ts";
import type { Step, StepName } from "./plan/step.ts";
import { addRoute, appendRoute, delRoute, replaceRoute } from "./routes.ts";
import { addRule, delRule } from "./rules.ts";
import { tcExecutors } from "./tc/executors.ts";
import { addTap } from "./tuns.ts";
import { addressBefore, linkBefore, neighbourBefore, portBefore, routesBefore } from "./undo.ts";

/** A step of a way back, whose own way back no one asks for. */
const wayBack = (g: Ground, step: Step): void => {
  const run = executors[step.do] as Executor<StepName>;
  run({ ...g, ns: g.open(step.in), op: () => render(step) }, step);
};

export const executors: { readonly [K in StepName]: Executor<K> } = {
  "link.add": ({ ns, open, op }, s) => {
    const there = tolerate(s.orExists ? ["EEXIST"] : [], () => addLink(ns, s.link, op, open));
    return there ? undefined : { do: "link.del", in: s.link.netns ?? s.in, name: s.link.name, orGone: true };
  },
  "link.set": (g, s) => {
    const { ns, open, op } = g;
    if (s.set.netns !== undefined) return moveLink({ ns, open, op, carryOut: (step) => wayBack(g, step) }, s);
    if (s.fresh) {
      setLink(ns, s.name, s.set, op, open);
      return undefined;
    }
    const set = linkBefore(ns, s.name, s.set);
    // Read before: a link that goes down loses its routes.
    const lost = bringsDown(ns, s) ? lossesOf(ns, needLink(ns, s.name)) : undefined;
    setLink(ns, s.name, s.set, op, open);
    const name = s.set.name ?? s.name;
    return [{ do: "link.set", in: s.in, name, set }, ...(lost ? regain(s.in, lost) : [])];
  },
  "link.del": ({ ns, op }, s) => {
    try {
      delLink(ns, s.name, op);
    } catch (error) {
      if (!(s.orGone && error instanceof FaultError && error.fault.kind === "not-found")) throw error;
    }
    return undefined;
  },
  "tun.add": ({ ns, op }, s) => {
    addTap(ns, s.tun, op);
    return { do: "link.del", in: s.in, name: s.tun.name, orGone: true };
  },
  "port.set": ({ ns, op }, s) => {
    const set = s.fresh ? undefined : portBefore(ns, s.name, s.set);
    setPort(ns, s.name, s.set, op);
    return set && { do: "port.set", in: s.in, name: s.name, set };
  },
  "vlan.add": ({ ns, op }, s) => {
    addVlan(ns, s.vlan, op);
    return { do: "vlan.del", in: s.in, vlan: s.vlan };
  },
  "vlan.del": ({ ns, op }, s) => {
    const gone = tolerate(s.orGone ? ["ENOENT"] : [], () => delVlan(ns, s.vlan, op));
    return gone ? undefined : { do: "vlan.add", in: s.in, vlan: s.vlan };
  },
  "address.add": ({ ns, op }, s) => {
    const there = tolerate(s.orExists ? ["EEXIST"] : [], () => addAddress(ns, s.address, op));
    return there ? undefined : { do: "address.del", in: s.in, address: s.address };
  },
  "address.del": ({ ns, op }, s) => {
    const address = addressBefore(ns, s.address) ?? s.address;
    delAddress(ns, s.address, op);
    return { do: "address.add", in: s.in, address };
  },
  "route.add": ({ ns, op }, s) => {
    const there = tolerate(s.orExists ? ["EEXIST"] : [], () => addRoute(ns, s.route, op));
    return there ? undefined : { do: "route.del", in: s.in, route: s.route };
  },
  "route.replace": ({ ns, op }, s) => {
    // Most often there is none yet, and then nothing need be read.
    if (!tolerate(["EEXIST"], () => addRoute(ns, s.route, op))) return { do: "route.del", in: s.in, route: s.route };
    const [was] = routesBefore(ns, s.route);
    replaceRoute(ns, s.route, op);
    return was && { do: "route.replace", in: s.in, route: was };
  },
  "route.append": ({ ns, op }, s) => {
    const there = tolerate(s.orExists ? ["EEXIST"] : [], () => appendRoute(ns, s.route, op));
    return there ? undefined : { do: "route.del", in: s.in, route: s.route };
  },
  "route.del": ({ ns, op }, s) => {
    delRoute(ns, s.route, op);
    return { do: "route.append", in: s.in, route: s.route };
  },
  "rule.add": ({ ns, op }, s) => {
    addRule(ns, s.rule, op);
    return { do: "rule.del", in: s.in, rule: s.rule };
  },
  "rule.del": ({ ns, op }, s) => {
    delRule(ns, s.rule, op);
    return { do: "rule.add", in: s.in, rule: s.rule };
  },
  "neighbour.replace": ({ ns, op }, s) => {
    const was = neighbourBefore(ns, s.neighbour);
    replaceNeighbour(ns, s.neighbour, op);
    const gone: Step = { do: "neighbour.del", in: s.in, neighbour: s.neighbour };
    // The kernel keeps a protocol once set: only a new entry has none.
    return was ? [gone, { do: "neighbour.replace", in: s.in, neighbour: was }] : gone;
  },
  "neighbour.del": ({ ns, op }, s) => {
    const was = neighbourBefore(ns, s.neighbour);
    delNeighbour(ns, s.neighbour, op);
    return was && { do: "neighbour.replace", in: s.in, neighbour: was };
  },
  "fdb.append": ({ ns, op }, s) => {
    appendFdb(ns, s.fdb, op);
    return { do: "fdb.del", in: s.in, fdb: s.fdb };
  },
  "fdb.del": ({ ns, op }, s) => {
    delFdb(ns, s.fdb, op);
    return { do: "fdb.append", in: s.in, fdb: s.fdb };
  },
  "sysctl.set": ({ ns }, s) => {
    if (s.fresh) {
      tolerate(s.orMissing ? ["ENOENT"] : [], () => ns.writeSysctl(s.name, s.value));
      return undefined;
    }
    const was = ns.readSysctl(s.name);
    if (was === s.value || (was === undefined && s.orMissing)) return undefined;
    ns.writeSysctl(s.name, s.value);
    return was === undefined ? undefined : { do: "sysctl.set", in: s.in, name: s.name, value: was };
  },
  ...tcExecutors,
  nft: ({ ns, op }, s) => {
    const changes = carryOut(ns, s.changes, { op, ...(s.generation !== undefined && { generation: s.generation }) });
    return changes.length > 0 ? { do: "nft", in: s.in, changes } : undefined;
  },
  "netns.add": (_, s) => {
    createNetns(s.path);
    return { do: "netns.del", in: s.in, path: s.path };
  },
  "netns.del": ({ forget }, s) => {
    forget(s.path);
    deleteNetns(s.path);
    return undefined;
  },
};
