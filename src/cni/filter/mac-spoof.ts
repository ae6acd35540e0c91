/**
 * The check against forged sender addresses (`macspoofchk`): what comes in from a guarded port of a bridge must bear the
 * MAC that the port is for. Two sets, so that a port costs an element in each, and a frame two look-ups.
 */
import type { Mac } from "../../base/mac.ts";
import type { Kernel } from "../../net/kernel.ts";
import { type BaseOfTable, baseDifferences, readTable, type SetsOfTable } from "../../net/nft/base.ts";
import { ether, iifname, inSet, rule, verdict } from "../../net/nft/build.ts";
import { ifnameKey, macKey } from "../../net/nft/keys.ts";
import { renderChange } from "../../net/nft/render-change.ts";
import type { NftSet, Table } from "../../net/nft/types.ts";
import type { Findings } from "../findings.ts";
import { commentOf, networkComment, type Owner } from "../mark.ts";
import type { Attachment } from "../spec/types.ts";
import { dropIfUnused, type Held, hold, missing, release } from "./held.ts";

const table: Table = { family: "bridge", name: "podwire_macspoof" };
const guarded: NftSet = { name: "guarded", key: ["ifname"] };
const allowed: NftSet = { name: "allowed", key: ["ifname", "ether_addr"] };

/** Before anything else of the bridge sees the frame. */
const FIRST = -300;

const places: SetsOfTable = { table, sets: [guarded, allowed] };

// A function: most starts of a plugin guard no port.
const base = (): BaseOfTable => ({
  ...places,
  chains: [
    {
      name: "prerouting",
      base: { type: "filter", hook: "prerouting", priority: FIRST },
      rules: [rule([inSet([iifname], "guarded"), inSet([iifname, ether.saddr], "allowed", true), verdict("drop")])],
    },
  ],
});

/** A port of a bridge and the only MAC that may send from behind it. */
export interface Guarded {
  readonly port: string;
  readonly mac: Mac;
}

const heldBy = (owner: Owner, { port, mac }: Guarded): Held[] => {
  const comment = commentOf(owner);
  return [
    { set: allowed, element: { key: [ifnameKey(port), macKey(mac)], comment } },
    { set: guarded, element: { key: [ifnameKey(port)], comment } },
  ];
};

/** How many elements a port has. */
const heldOfOne = 2;

/** Gives the way back. */
export const addMacSpoofCheck = (kernel: Kernel, owner: Owner, port: Guarded): (() => unknown[]) =>
  hold(kernel, base(), heldBy(owner, port));

/**
 * Takes away what the attachment has: at `ports`, which may be guarded, and wherever it is when they are not known, or
 * when one `wanted` is not there; with `wanted`, also a table that a killed ADD had made for it.
 */
export const removeMacSpoofCheck = (kernel: Kernel, owner: Owner, ports: readonly Guarded[], wanted: boolean): void => {
  const mark = commentOf(owner);
  const isOurs = (comment: string): boolean => comment === mark;
  const told = ports.flatMap((port) => heldBy(owner, port).map(({ set, element: { key } }) => ({ set, key })));
  let gone = release(kernel, places, isOurs, told);
  if (told.length === 0 || (wanted && gone.length < heldOfOne)) gone = [...gone, ...release(kernel, places, isOurs)];
  if (gone.length > 0 || wanted) dropIfUnused(kernel, places);
};

/** Takes away what attachments of the network have that are not in the list, and what a DEL that was killed has left. */
export const removeOtherMacSpoofChecks = (kernel: Kernel, network: string, valid: readonly Attachment[]): void => {
  const keep = new Set(valid.map((a) => commentOf({ network, ...a })));
  const ours = networkComment(network);
  release(kernel, places, (comment) => comment.startsWith(ours) && !keep.has(comment));
  dropIfUnused(kernel, places);
};

export const checkMacSpoof = (kernel: Kernel, owner: Owner, port: Guarded, found: Findings): void => {
  for (const words of baseDifferences(readTable(kernel.host, base()), base())) found.edited(words, table);
  for (const { set, element } of missing(kernel, base(), heldBy(owner, port)))
    found.gone(
      `MAC check of ${port.port} in ${set.name}`,
      `nft '${renderChange({ do: "element.add", table, set, elements: [element] })}'`,
    );
};
