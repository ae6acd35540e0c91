/** Text as XML has it, for reports that other programs read. */

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** XML 1.0 has no way to write most control characters: they are left out. */
export const escapeXml = (text: string): string =>
  [...text]
    .filter((c) => c >= " " || c === "\t" || c === "\n")
    .map((c) => entities[c] ?? c)
    .join("");

/** ` name="value"` for each, in their order. */
export const xmlAttributes = (of: Readonly<Record<string, string | number>>): string =>
  Object.entries(of)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
