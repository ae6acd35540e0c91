/** Whether a zone's file lets something in already: the same elements that `firewall-cmd --permanent` would write. Pure. */
import { cidrFamily, cidrText } from "../../../base/cidr.ts";
import { rangeText } from "../../ports/rows-for.ts";
import type { InputOpening } from "../openings.ts";
import type { Element } from "../xml.ts";
import type { Zone } from "./zones.ts";

const isElement = (e: Element, name: string, attributes: Readonly<Record<string, string>>): boolean =>
  e.name === name &&
  Object.keys(e.attributes).length === Object.keys(attributes).length &&
  Object.entries(attributes).every(([key, value]) => e.attributes[key] === value);

const letsIn = (o: InputOpening): readonly [string, Readonly<Record<string, string>>] =>
  o.protocol === "ip"
    ? ["protocol", { value: `${o.ports[0]}` }]
    : ["port", { port: rangeText(o.ports), protocol: o.protocol }];

export const isOpen = ({ element }: Zone, o: InputOpening): boolean => {
  const [name, attributes] = letsIn(o);
  const children = element?.children ?? [];
  const { from } = o;
  if (!from) return children.some((e) => isElement(e, name, attributes));
  return children.some(
    (rule) =>
      isElement(rule, "rule", { family: `ipv${cidrFamily(from)}` }) &&
      rule.children.length === 3 &&
      rule.children.some((e) => isElement(e, "source", { address: cidrText(from) })) &&
      rule.children.some((e) => isElement(e, name, attributes)) &&
      rule.children.some((e) => isElement(e, "accept", {})),
  );
};
