/** A host as managers see it, made up: files as texts, chains by what can be said of them in a line. */
import type { Table } from "../../../net/nft/types.ts";
import type { ChainThere, Surroundings } from "../surroundings.ts";

export interface Made {
  readonly files?: Readonly<Record<string, string>>;
  readonly chains?: readonly ChainThere[];
  readonly older?: readonly ChainThere[];
  readonly cards?: readonly string[];
  readonly all?: boolean;
}

export const around = ({ files = {}, chains = [], older = [], cards = ["eth0"], all = false }: Made): Surroundings => ({
  read: (path) => files[path],
  list: (folder) =>
    Object.keys(files)
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1))
      .sort(),
  chains,
  older,
  cards: cards.map((name, i) => ({ name, index: i + 2 })),
  all,
});

type Base = NonNullable<ChainThere["base"]>;

/** `ip filter INPUT`, at a hook when one is given; it drops unless something else is said. */
export const chain = (
  place: string,
  hook?: Base["hook"],
  more: Partial<Pick<ChainThere, "drops" | "rules" | "ours">> & { readonly policy?: Base["policy"] } = {},
): ChainThere => {
  const [family, table, name] = place.split(" ") as [Table["family"], string, string];
  const { policy = "drop", drops = true, rules = 0, ours = [] } = more;
  const base = hook && ({ type: "filter", hook, priority: 0, policy } as const);
  return { name, table: { family, name: table }, rules, drops, ours, ...(base && { base }) };
};
