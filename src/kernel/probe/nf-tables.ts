/** Does the kernel have nf_tables? */
import { probe } from "./answer.ts";
import { tryRule } from "./nft-rule.ts";

export const nfTablesProbe = probe("nf_tables", () =>
  tryRule({ type: "filter", hook: 1 }, [], "CONFIG_NF_TABLES: modprobe nf_tables"),
);
