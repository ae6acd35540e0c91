/** CHECK: every rule and element that ADD made, and the sysctl. */
import { joinFaults } from "../../../base/fault.ts";
import { sysctlName } from "../../../base/sysctl-name.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { baseDifferences, readTable } from "../../../net/nft/base.ts";
import { renderChange } from "../../../net/nft/render-change.ts";
import { renderElement } from "../../../net/nft/render-value.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { missing } from "../../filter/held.ts";
import { Findings } from "../../findings.ts";
import { podAddresses } from "../../prev-result.ts";
import type { Request } from "../../spec/types.ts";
import { heldBy, targetsOf } from "./held.ts";
import { localnetSysctl } from "./localnet.ts";
import type { PortmapConfig } from "./parse.ts";
import { baseFor } from "./table.ts";

const markBits = Array.from({ length: 32 }, (_, bit) => bit);

/** @throws FaultError differs, not-found, bad-config */
export const check = (kernel: Kernel, r: Request<PortmapConfig>): void => {
  const prev = needPrevResult(r);
  const c = r.config;
  if (c.mappings.length === 0) return;
  const targets = targetsOf(c, podAddresses(prev, r));
  const chains = c.snat && !c.masqAll ? targets : [];
  const found = new Findings();
  const own = baseFor(c, chains);
  const { table } = own;
  const there = readTable(kernel.host, own);
  // The bit is the table's: another network may have set its own since.
  const isWhole = markBits.some((markBit) => baseDifferences(there, baseFor({ ...c, markBit }, chains)).length === 0);
  if (!isWhole) for (const words of baseDifferences(there, own)) found.edited(words, table);
  for (const { set, element } of missing(kernel, own, heldBy(r, c, targets)))
    found.gone(
      `element ${renderElement(set, { key: element.key })} of ${set.name}`,
      `nft '${renderChange({ do: "element.add", table, set, elements: [element] })}'`,
    );
  const name = localnetSysctl(kernel, c, targets);
  const value = name && kernel.host.readSysctl(name);
  if (name && value !== "1")
    found.differs(sysctlName(name), value ?? "missing", "1", `sysctl -w ${sysctlName(name)}=1`);
  if (found.errors.length > 0) throw joinFaults(found.errors);
};
