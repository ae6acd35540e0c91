/** Names of links by index, each asked for once: `if7` for one that is gone, as `ip` says. */
import type { Netns } from "../../net/kernel.ts";

export type LinkNamer = (index: number) => string;

export const linkNamer = (ns: Netns): LinkNamer => {
  const known = new Map<number, string>();
  return (index) => {
    let name = known.get(index);
    if (name === undefined) {
      name = ns.rt.linkName(index) ?? `if${index}`;
      known.set(index, name);
    }
    return name;
  };
};
