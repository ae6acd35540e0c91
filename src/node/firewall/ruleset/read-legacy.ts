/** Tables of the older iptables and ip6tables that are there. */
import { readEntries } from "../../../kernel/codec/xtables/table.ts";
import { readTable, tableNames } from "../../../kernel/os/xtables.ts";
import type { Netns } from "../../../net/kernel.ts";
import { buildTable } from "./build.ts";
import { legacyTable } from "./legacy-rules.ts";
import type { Table } from "./model.ts";

/** @throws FaultError permission */
export const readLegacy = (ns: Netns): Table[] =>
  ([4, 6] as const).flatMap((family) =>
    ns.enter(() =>
      tableNames(family).map((name) => {
        const { info, entries } = readTable(family, name);
        return buildTable(legacyTable(name, family, info, readEntries(entries, family)));
      }),
    ),
  );
