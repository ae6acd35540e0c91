/** Changes as the `nft` commands that a person would type. */
import { renderRule } from "./render-rule.ts";
import { renderElement } from "./render-value.ts";
import type { Chain, Element, KeyType, NftChange, NftSet, Table } from "./types.ts";

const of = (t: Table): string => `${t.family} ${t.name}`;

export const renderChain = ({ name, base }: Chain): string => {
  if (!base) return name;
  const devices = base.devices ? ` devices = { ${base.devices.map((d) => `"${d}"`).join(", ")} }` : "";
  const policy = base.policy ? ` policy ${base.policy};` : "";
  return `${name} { type ${base.type} hook ${base.hook}${devices} priority ${base.priority};${policy} }`;
};

const types = (list: readonly KeyType[]): string => list.join(" . ");

const setBody = (s: NftSet): string => {
  const data = s.data === undefined ? "" : ` : ${s.data === "verdict" ? "verdict" : types(s.data)}`;
  const flags = [s.interval && "interval", s.timeout && "timeout", s.dynamic && "dynamic"].filter(Boolean).join(",");
  return `${s.name} { type ${types(s.key)}${data};${flags && ` flags ${flags};`} }`;
};
/** `set` or `map`. */
const noun = (s: NftSet): string => (s.data ? "map" : "set");
const elements = (s: NftSet, list: readonly Element[]): string =>
  `{ ${list.map((e) => renderElement(s, e)).join(", ")} }`;

export const renderChange = (c: NftChange): string => {
  const t = of(c.table);
  switch (c.do) {
    case "table.add":
      return `${c.exclusive ? "create" : "add"} table ${t}`;
    case "table.del":
      return `delete table ${t}`;
    case "chain.add":
      return `${c.exclusive ? "create" : "add"} chain ${t} ${renderChain(c.chain)}`;
    case "chain.flush":
      return `flush chain ${t} ${c.chain}`;
    case "chain.del":
      return `delete chain ${t} ${c.chain}`;
    case "set.add":
      return `add ${noun(c.set)} ${t} ${setBody(c.set)}`;
    case "set.flush":
      return `flush set ${t} ${c.set}`;
    case "set.del":
      return `delete set ${t} ${c.set}`;
    case "element.add":
      return `${c.exclusive ? "create" : "add"} element ${t} ${c.set.name} ${elements(c.set, c.elements)}`;
    case "element.del":
      return `delete element ${t} ${c.set.name} ${elements(
        c.set,
        c.elements.map(({ key, end }) => ({ key, ...(end && { end }) })),
      )}`;
    case "rule.add":
      return `add rule ${t} ${c.chain} ${c.after === undefined ? "" : `handle ${c.after} `}${renderRule(c.rule)}`;
    case "rule.insert":
      return `insert rule ${t} ${c.chain} ${renderRule(c.rule)}`;
    case "rule.del":
      return `delete rule ${t} ${c.chain} handle ${c.handle}`;
  }
};

/** All of them as one command line: one transaction for `nft`, too. */
export const renderChanges = (changes: readonly NftChange[]): string =>
  `nft '${changes.map(renderChange).join("; ").replaceAll("'", `'\\''`)}'`;
