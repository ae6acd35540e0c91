/** "Did you mean": the candidate that a slip of the fingers makes into what was written. */

/** Insertions, deletions, replacements and neighbours that changed places, between two words (optimal string alignment). */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const [row, next] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : replaced;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, swapped));
    }
    rows.push(next);
  }
  return rows[a.length]![b.length]!;
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
