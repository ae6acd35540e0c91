/** Several nodes in a few words, and things that belong together. Pure. */

/** `node1, node2`, or `every other node` when it is all of them but `to`, and they are many. */
export const whoText = (labels: readonly string[], froms: readonly number[], to: number): string => {
  const others = froms.filter((from) => from !== to);
  const all = labels.length > 3 && others.length === labels.length - 1;
  const own = others.length < froms.length ? ["itself"] : [];
  return [...(all ? ["every other node"] : others.map((i) => labels[i])), ...own].join(", ");
};

/** In groups with the same key, in the order in which they come. */
export const gather = <T>(all: readonly T[], key: (one: T) => string): T[][] => {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const there = groups.get(key(one));
    if (there) there.push(one);
    else groups.set(key(one), [one]);
  }
  return [...groups.values()];
};
