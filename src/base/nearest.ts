/** "Did you mean": the candidate that a slip of the fingers makes into what was written. */

/** Insertions, deletions and replacements between two words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
};

/** The nearest candidate, when at most a third of the letters differ; undefined when none is near. */
export const nearest = (written: string, candidates: readonly string[]): string | undefined => {
  const ranked = candidates
    .map((name) => ({ name, off: distance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.off - b.off);
  const best = ranked[0];
  return best && best.off <= Math.max(1, Math.floor(Math.max(written.length, best.name.length) / 3))
    ? best.name
    : undefined;
};
