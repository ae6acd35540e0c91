/** Routes as JSON without rows between, for those who have thousands. */
import { AttrIndex, decimal } from "../../kernel/codec/attr-index.ts";
import type { Netns } from "../../net/kernel.ts";
import { addressText } from "./address-words.ts";
import type { LinkNamer } from "./link-namer.ts";
import { Repeat } from "./repeat.ts";
import { AF_INET } from "./request.ts";
import { formOf, type RouteQuery, RTMSG, routeReader, scanRoutes } from "./routes.ts";

const RTA_DST = 1;

/**
 * `ip -j route` as text. Thousands of routes mostly differ in their destination alone: such a one is the text of the route
 * before it with another `dst`, and never becomes a row.
 */
export const routesJson = (ns: Netns, q: RouteQuery, linkName: LinkNamer): string => {
  const index = new AttrIndex(RTA_DST);
  const read = routeReader(formOf(q), linkName);
  const repeat = new Repeat([RTA_DST]);
  let text = "";
  let before = "";
  let dstAt = 0;
  let [head, tail] = ["", ""];
  scanRoutes(ns, q, {
    begin: () => {
      before = text;
      repeat.forget();
    },
    take: (of, from, to) => {
      const { bytes } = of;
      if (repeat.has(of, from, to)) {
        const at = from + dstAt;
        text += `${head}${decimal[bytes[at]!]}.${decimal[bytes[at + 1]!]}.${decimal[bytes[at + 2]!]}.${decimal[bytes[at + 3]!]}${tail}`;
        return;
      }
      repeat.forget();
      const row = read(of, from, to);
      if (!row) return;
      const json = `,${JSON.stringify(row)}`;
      text += json;
      const dst = index.fill(of, from + RTMSG, to).place(RTA_DST);
      if (bytes[from] !== AF_INET || !dst) return;
      const address = addressText(index, RTA_DST)!;
      const cut = json.indexOf(`"dst":"${address}`) + '"dst":"'.length;
      head = json.slice(0, cut);
      tail = json.slice(cut + address.length);
      dstAt = dst.from - from;
      repeat.remember(index, from, to);
    },
    again: () => {
      text = before;
      repeat.forget();
    },
  });
  return `[${text.slice(1)}]`;
};
