/**
 * Elements and attributes of an XML file, as configuration files have them. Text between tags is left out, and so is what
 * is no XML: a file that a person is still writing is read as far as it goes. Pure.
 */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const decoded = (text: string): string => text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, name = "", a, b]) => [
      name,
      decoded(a ?? b ?? ""),
    ]),
  );

interface Open extends Element {
  readonly children: Element[];
}

/** What stands outermost. */
export const readXml = (text: string): Element[] => {
  const bare = text.replace(/<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<![^>]*>/g, "");
  const top: Open = { name: "", attributes: {}, children: [] };
  const open: Open[] = [top];
  for (const [, close, name = "", rest = "", alone] of bare.matchAll(
    /<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g,
  )) {
    if (close) {
      const at = open.findLastIndex((e) => e.name === name);
      if (at > 0) open.length = at;
      continue;
    }
    const element: Open = { name, attributes: attributesOf(rest), children: [] };
    open.at(-1)!.children.push(element);
    if (!alone) open.push(element);
  }
  return top.children;
};
