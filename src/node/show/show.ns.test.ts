/** Every noun beside `ip -j`, plain and with details, in a namespace with a bit of everything. */
import { expect, test } from "bun:test";
import { rich } from "../../net/testing/rich.ts";
import { readAddresses } from "./addresses.ts";
import { linkDetails } from "./link-details.ts";
import { linkNamer } from "./link-namer.ts";
import { readLinks } from "./links.ts";
import { readNeighbours } from "./neighbours.ts";
import { readRoutes } from "./routes.ts";
import { readRules } from "./rules.ts";
import { differences, ipJson } from "./testing/compare.ts";

const plain = (x: unknown): unknown => JSON.parse(JSON.stringify(x));

/** How ours differs from theirs, at a moment at which nothing changed: links settle and neighbours come by themselves. */
const compared = (ours: () => unknown, theirs: () => unknown[]): string[] => {
  for (;;) {
    const before = plain(ours());
    const seen = theirs();
    if (differences(before, plain(ours())).length === 0) return differences(before, seen);
  }
};

for (const d of [false, true]) {
  const how = d ? "-d -j" : "-j";
  test(`ip ${how} link, address: every field of every link`, () =>
    rich((ours, ns) => {
      const link = linkNamer(ours);
      const details = d ? { details: linkDetails({ link }) } : {};
      const links = () => readLinks(ours, { ...details, of: "link" }, link);
      expect(compared(links, () => ipJson(ns.sh(`ip ${how} link`)))).toEqual([]);
      for (const family of [undefined, 4, 6] as const) {
        const addresses = () => readAddresses(ours, family, details, link);
        const theirs = () => ipJson(ns.sh(`ip ${family ? `-${family}` : ""} ${how} address`));
        // Of one family `ip` asks for less of each link.
        const found = compared(addresses, theirs);
        expect(family ? found.filter((line) => !line.includes("ip says nothing")) : found).toEqual([]);
      }
    }));

  test(`ip ${how} route: both families, main, one table, all tables`, () =>
    rich((ours, ns) => {
      const link = linkNamer(ours);
      for (const family of [4, 6] as const)
        for (const table of [254, 1000, 255, undefined]) {
          const asked = table === undefined ? "all" : String(table);
          const rows = () => readRoutes(ours, { family, table, details: d }, link);
          if (family === 6 && table === 1000) {
            expect(rows).toThrow("routing table 1000: it has no routes");
            continue;
          }
          const theirs = () => ipJson(ns.sh(`ip -${family} ${how} route show table ${asked}`));
          expect([family, asked, compared(rows, theirs)]).toEqual([family, asked, []]);
        }
    }));

  test(`ip ${how} rule, neigh`, () =>
    rich((ours, ns) => {
      const link = linkNamer(ours);
      for (const family of [4, 6] as const) {
        const theirs = () => ipJson(ns.sh(`ip -${family} ${how} rule`));
        expect(compared(() => readRules(ours, family, d), theirs)).toEqual([]);
      }
      const neighbours = () => readNeighbours(ours, undefined, link);
      expect(compared(neighbours, () => ipJson(ns.sh(`ip ${how} neigh`)))).toEqual([]);
    }));
}
