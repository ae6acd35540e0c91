/** How long something took, as a person says it. Pure. */

/** `0.6 s`, `47 s`, `2 min 47 s`. */
export const durationText = (millis: number): string => {
  const tenths = Math.round(millis / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
