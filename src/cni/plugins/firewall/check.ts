/** CHECK: the pod's elements, the rules that know them, the guards, and that no chain drops what the pod sends. */
import { joinFaults } from "../../../base/fault.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { type BaseOfTable, baseDifferences, readTable } from "../../../net/nft/base.ts";
import { renderChange } from "../../../net/nft/render-change.ts";
import { renderElement } from "../../../net/nft/render-value.ts";
import type { Fields } from "../../../net/nft/types.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { type Held, missing } from "../../filter/held.ts";
import { Findings } from "../../findings.ts";
import type { Request } from "../../spec/types.ts";
import { bridgeBase } from "./bridge-table.ts";
import { chainWords, foreignChains, mend, planOpening } from "./foreign.ts";
import { guardDifferences, wantedGuards } from "./guards.ts";
import { heldBy, isolatedPort } from "./held.ts";
import type { FirewallConfig } from "./parse.ts";
import { base } from "./table.ts";

/** @throws FaultError differs, not-found, bad-config */
export const check = (kernel: Kernel, r: Request<FirewallConfig>): void => {
  const prev = needPrevResult(r);
  const held = heldBy(r, prev);
  if (held.length === 0) return;
  const found = new Findings();
  checkBase(kernel, base, held, found);
  const port = isolatedPort(r, prev);
  if (port.length > 0) checkBase(kernel, bridgeBase, port, found);
  if (r.config.policy !== "open") checkGuards(kernel, found);
  for (const c of foreignChains(kernel.host, r.config.adminChain)) {
    const changes = planOpening(c, r.config.adminChain);
    if (changes.length > 0) found.differs(chainWords(c), "not open for pods", "letting them pass", mend(c, changes));
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

const checkBase = (kernel: Kernel, of: BaseOfTable, held: readonly Held[], found: Findings): void => {
  for (const words of baseDifferences(readTable(kernel.host, of), of)) found.edited(words, of.table);
  for (const { set, element } of missing(kernel, of, held))
    found.gone(
      `element ${renderElement(set, { key: element.key })} of ${set.name}`,
      `nft '${renderChange({ do: "element.add", table: of.table, set, elements: [element] })}'`,
    );
};

const checkGuards = (kernel: Kernel, found: Findings): void => {
  for (const wanted of wantedGuards(kernel)) {
    const { set } = wanted;
    const { missing: gone, extra } = guardDifferences(kernel, wanted);
    const words = (key: Fields): string => `guard ${renderElement(set, { key })} of ${set.name}`;
    const nft = (verb: "element.add" | "element.del", key: Fields): string =>
      `nft '${renderChange({ do: verb, table: base.table, set, elements: [{ key }] })}'`;
    for (const key of gone) found.gone(words(key), nft("element.add", key));
    for (const key of extra) found.differs(words(key), "there", "not there", nft("element.del", key));
  }
};
