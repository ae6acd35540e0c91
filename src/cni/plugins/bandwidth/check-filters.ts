/** Are the filters what ADD made, each one? */
import type { U32Key } from "../../../kernel/codec/tc-kinds/u32.ts";
import type { Kernel } from "../../../net/kernel.ts";
import type { Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import type { Step } from "../../../net/plan/step.ts";
import { type Filter, type FilterSpec, listFilters, redirectOf } from "../../../net/tc/filters.ts";
import { matchWords } from "../../../net/tc/render.ts";
import type { Findings } from "../../findings.ts";

const keysOf = ({ info }: Pick<FilterSpec, "info">): string => {
  const sel = "data" in info && info.data && "sel" in info.data ? info.data.sel : undefined;
  return JSON.stringify(sel?.keys.map((k: U32Key) => [k.mask, k.value, k.off]));
};
const hasAction = ({ info }: Filter): boolean => "data" in info && info.data !== undefined && "act" in info.data;

export const checkFilters = (
  kernel: Kernel,
  port: Link,
  steps: readonly Step<"filter.add">[],
  ifb: Link,
  found: Findings,
): void => {
  const [first] = steps;
  const there = first ? listFilters(kernel.host, port.index, first.filter.parent) : [];
  for (const { filter } of steps) {
    const alike = there.filter(
      (f) =>
        f.prio === filter.prio &&
        f.protocol === filter.protocol &&
        f.info.kind === "u32" &&
        keysOf(f) === keysOf(filter),
    );
    const right = (f: Filter): boolean => (filter.redirect ? redirectOf(f) === ifb.index : !hasAction(f));
    if (alike.some(right)) continue;
    const what = `filter ${filter.prio} on ${port.name} (${matchWords(filter)})`;
    const add = render({ do: "filter.add", in: "", filter });
    const [wrong] = alike;
    if (!wrong) found.gone(what, add);
    else {
      const { link, parent, protocol, prio } = filter;
      const del = render({
        do: "filter.del",
        in: "",
        filter: { link, parent, protocol, prio, kind: "u32", handle: wrong.handle },
      });
      const index = redirectOf(wrong);
      const seen =
        index !== undefined ? `redirect to link ${index}` : hasAction(wrong) ? "other actions" : "no redirect";
      found.differs(what, seen, filter.redirect ? `redirect to ${filter.redirect}` : "no redirect", `${del} && ${add}`);
    }
  }
};
