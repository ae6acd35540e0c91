/** All tables of nf_tables, of one moment: the kernel's generation is the same before and after. */
import { FaultError } from "../../../base/fault.ts";
import { isExpr } from "../../../kernel/codec/nft/expressions.ts";
import {
  chainMessage,
  genMessage,
  NFT_MSG,
  type NftFamily,
  nfproto,
  ruleMessage,
  tableMessage,
} from "../../../kernel/codec/nft/messages.ts";
import { readComment } from "../../../kernel/codec/nft/userdata.ts";
import type { Netns } from "../../../net/kernel.ts";
import { buildTable, type ChainFound, type RuleFound } from "./build.ts";
import type { Backend, Base, Hook, Table } from "./model.ts";
import { readSets } from "./read-sets.ts";

const families = Object.fromEntries(Object.entries(nfproto).map(([name, n]) => [n, name])) as Record<number, NftFamily>;
const hooks: readonly Hook[] = ["prerouting", "input", "forward", "output", "postrouting", "ingress"];

type ChainMessage = ReturnType<typeof chainMessage.read>;
type RuleMessage = ReturnType<typeof ruleMessage.read>;

const baseOf = (family: NftFamily, c: ChainMessage): Base | undefined => {
  const { hook, type = "filter", policy } = c;
  if (!hook) return undefined;
  const n = hook.num ?? 0;
  const devices = hook.devs?.names ?? (hook.dev === undefined ? undefined : [hook.dev]);
  return {
    type: type as Base["type"],
    hook: family === "netdev" ? (n === 0 ? "ingress" : "egress") : (hooks[n] ?? "ingress"),
    priority: hook.priority ?? 0,
    policy: policy === 0 ? "drop" : "accept",
    ...(devices && { devices }),
  };
};

const ruleOf = (r: RuleMessage): RuleFound => {
  const exprs = r.expressions ?? [];
  const told = exprs.find((e) => isExpr(e, "match") && e.xtName === "comment");
  const info = told && isExpr(told, "match") ? told.info : undefined;
  const comment = readComment(r.userdata) ?? (info && new TextDecoder().decode(info.subarray(0, info.indexOf(0))));
  return {
    chain: r.chain ?? "",
    exprs,
    ...(r.handle !== undefined && { handle: r.handle }),
    ...(comment !== undefined && { comment }),
  };
};

const builtIn = ["filter", "nat", "mangle", "raw", "security"];

/** iptables-nft keeps tables of iptables' names, whose base chains have its names in capitals. */
const backendOf = (family: NftFamily, name: string, chains: readonly ChainFound[]): Backend => {
  const bases = chains.filter((c) => c.base).map((c) => c.name);
  const looksSo = (family === "ip" || family === "ip6" || family === "bridge") && builtIn.includes(name);
  return looksSo && bases.every((b) => /^[A-Z]+$/.test(b)) ? "iptables-nft" : "nf_tables";
};

/** NFT_TABLE_F_DORMANT: its chains hang nowhere. */
const DORMANT = 1;

const readOnce = (ns: Netns): Table[] => {
  const dump = (type: number, payload: Uint8Array) => ns.nf.dump({ type, payload, op: "nft list ruleset" });
  const tables = dump(NFT_MSG.getTable, tableMessage.write({ family: 0 })).map((m) => tableMessage.read(m.payload));
  if (tables.length === 0) return [];
  const chains = dump(NFT_MSG.getChain, chainMessage.write({ family: 0 })).map((m) => chainMessage.read(m.payload));
  const rules = dump(NFT_MSG.getRule, ruleMessage.write({ family: 0 })).map((m) => ruleMessage.read(m.payload));
  const sets = readSets(ns);
  return tables.flatMap((t) => {
    const family = families[t.family];
    if (family === undefined) return [];
    const name = t.name ?? "";
    const asleep = ((t.flags ?? 0) & DORMANT) !== 0;
    const mine = (x: { family: number; table?: string | undefined }): boolean =>
      x.family === t.family && x.table === name;
    const found = chains.filter(mine).map((c): ChainFound => {
      const base = asleep ? undefined : baseOf(family, c);
      return { name: c.name ?? "", ...(base && { base }) };
    });
    return [
      buildTable({
        family,
        name,
        backend: backendOf(family, name, found),
        chains: found,
        rules: rules.filter(mine).map(ruleOf),
        sets: sets.filter(mine).map((s) => s.set),
      }),
    ];
  });
};

const generation = (ns: Netns): number | undefined =>
  genMessage.read(
    ns.nf.get({ type: NFT_MSG.getGen, payload: genMessage.write({ family: 0 }), op: "nft list ruleset" }).payload,
  ).id;

const TRIES = 10;

/** @throws FaultError kernel when the kernel has no nf_tables (EINVAL, EOPNOTSUPP), or when it changes without end */
export const readNft = (ns: Netns): Table[] => {
  for (let i = 0; i < TRIES; i++) {
    const before = generation(ns);
    try {
      const tables = readOnce(ns);
      if (generation(ns) === before) return tables;
    } catch (error) {
      // A table or set that went between two looks.
      if (!(error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "ENOENT"))
        throw error;
    }
  }
  throw new FaultError({ kind: "busy", what: "nf_tables", why: `it changed during each of ${TRIES} looks` });
};
