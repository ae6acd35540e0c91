/** Byte arrays: hex and joining. */

/** Two digits for each byte, with `between` between bytes. */
export const hex = (b: Uint8Array, between = ""): string => {
  let text = "";
  for (let i = 0; i < b.length; i++) text += (i > 0 ? between : "") + b[i]!.toString(16).padStart(2, "0");
  return text;
};

/** Bytes from hex; blanks are ignored so that captures can be annotated. */
export const unhex = (text: string): Uint8Array => {
  const digits = text.replace(/\s+/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
};

export const concatBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  let length = 0;
  for (const p of parts) length += p.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
};
