/** Payloads of dump requests: a struct, of which the first byte is the family, and 32-bit attributes. */
export const dumpPayload = (
  structSize: number,
  family: number,
  attrs: readonly (readonly [type: number, value: number])[] = [],
): Uint8Array => {
  const out = new Uint8Array(structSize + 8 * attrs.length);
  const view = new DataView(out.buffer);
  out[0] = family;
  for (const [i, [type, value]] of attrs.entries()) {
    const at = structSize + 8 * i;
    view.setUint16(at, 8, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, value, true);
  }
  return out;
};

export const AF_INET = 2;
export const AF_INET6 = 10;
/** A family as it is asked for; absent is both. */
export type FamilyChoice = 4 | 6 | undefined;
export const familiesOf = (choice: FamilyChoice): readonly number[] =>
  choice === 4 ? [AF_INET] : choice === 6 ? [AF_INET6] : [AF_INET, AF_INET6];
export const familyName = (af: number): string => (af === AF_INET ? "inet" : af === AF_INET6 ? "inet6" : `af ${af}`);
