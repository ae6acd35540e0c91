/** A link's move to another namespace, and the way back: all of it, or nothing. */
import type { Op } from "../kernel/os/syscall.ts";
import type { Netns } from "./kernel.ts";
import { findLink, needLink, type OpenNetns, setLink } from "./links.ts";
import { lossesOf, regain } from "./losses.ts";
import type { Step } from "./plan/step.ts";
import { linkBefore } from "./undo.ts";

type Move = Step<"link.set">;

export interface MoveGround {
  readonly ns: Netns;
  readonly open: OpenNetns;
  readonly op: Op;
  /** Carries out a step of the way back. */
  readonly carryOut: (step: Step) => void;
}

/** Gives the steps that undo it. @throws what the kernel said, with the link where it was */
export const moveLink = ({ ns, open, op, carryOut }: MoveGround, s: Move): Step[] => {
  const to = open(s.set.netns ?? "");
  // The kernel goes by the new name at once only where the old one is taken.
  const lands = s.set.name !== undefined && findLink(to, s.name) ? s.set.name : s.name;
  const back = s.fresh ? [] : whatMovingLoses(ns, s);
  try {
    setLink(ns, s.name, s.set, op, open);
  } catch (error) {
    // It moves first, and then finds that it cannot be renamed or set.
    if (!findLink(ns, s.name) && findLink(to, lands)) for (const step of [moveBack(s, lands), ...back]) carryOut(step);
    throw error;
  }
  return s.fresh ? [] : [moveBack(s, s.set.name ?? s.name), ...back];
};

const moveBack = (s: Move, name: string): Step => ({
  do: "link.set",
  in: s.set.netns ?? "",
  name,
  set: { netns: s.in, name: s.name },
  fresh: true,
});

/** A link that moves loses its master, its addresses, its routes and its being up: all are brought back. */
const whatMovingLoses = (ns: Netns, { in: into, name, set }: Move): Step[] => {
  const was = needLink(ns, name);
  const { name: _, ...values } = linkBefore(ns, name, { ...set, up: true });
  const master = was.master === undefined ? {} : linkBefore(ns, name, { master: null });
  return [
    { do: "link.set", in: into, name, set: { ...values, ...master }, fresh: true },
    ...regain(into, lossesOf(ns, was)),
  ];
};
