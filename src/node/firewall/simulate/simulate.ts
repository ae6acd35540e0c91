/**
 * What becomes of a packet: through every base chain of every table, nf_tables and iptables together, as the kernel has
 * them, with the routing decision between. Pure: the host's routing is asked through the ruleset.
 */
import { FaultError } from "../../../base/fault.ts";
import { family } from "../../../base/ip.ts";
import type { LinkFacts, Ruleset, Way } from "../ruleset/model.ts";
import { wordOf } from "./bits.ts";
import { type Layer, type Passed, runHook } from "./run-hook.ts";
import { addressOf, startOf } from "./state.ts";
import type { Decider, Fate, Outcome, Packet, Verdict } from "./verdict.ts";
import { outcome, type World } from "./world.ts";

const kernel = (text: string): Decider => ({ owner: "kernel", text });

/** Collects outcomes on the way; what is left goes on. */
class Walk {
  readonly outcomes: Outcome[] = [];
  readonly ruleset: Ruleset;
  readonly layer: "ip" | "ip6";

  constructor(ruleset: Ruleset, layer: "ip" | "ip6") {
    this.ruleset = ruleset;
    this.layer = layer;
  }

  through(
    worlds: readonly World[],
    hook: Parameters<typeof runHook>[1],
    layer: Layer,
    device?: string,
  ): readonly World[] {
    const run: Passed = runHook(this.ruleset, hook, layer, worlds, device);
    this.outcomes.push(...run.outcomes);
    return run.worlds;
  }

  end(worlds: readonly World[], fate: Fate, by: Decider | undefined, to?: Outcome["to"]): void {
    for (const w of worlds) this.outcomes.push(outcome(w, fate, by, to));
  }

  refuse(w: World, { why, told }: Extract<Way, { readonly to: "nowhere" }>): void {
    this.end([w], told ? "rejected" : "dropped", kernel(why));
  }

  link(name: string | undefined): LinkFacts | undefined {
    return this.ruleset.links.find((l) => l.name === name);
  }

  /** Out by a link, through what hangs behind routing. */
  leave(worlds: readonly World[], link: string): void {
    const out = worlds.map((w) => ({ ...w, state: { ...w.state, oif: link } }));
    const left = this.through(this.through(out, "postrouting", this.layer), "egress", "netdev", link);
    this.end(left, "accepted", undefined, { link });
  }

  deliver(worlds: readonly World[]): void {
    this.end(this.through(worlds, "input", this.layer), "accepted", undefined, { local: true });
  }

  /** The routing decision, for each way by itself: NAT may have sent them to different places. */
  route(worlds: readonly World[]): void {
    for (const w of worlds) {
      const [src, dst] = [addressOf(w.state, "src"), addressOf(w.state, "dst")];
      const mark = wordOf(w.state.mark);
      if (dst === undefined) {
        this.end([w], "unclear", kernel("where it is routed is not known: its destination was changed"));
        continue;
      }
      const way = this.ruleset.routing.way({
        dst,
        ...(src && { src }),
        ...(w.state.iif && { iif: w.state.iif }),
        ...(mark !== undefined && { mark }),
      });
      if (way.to === "local") this.deliver([w]);
      else if (way.to === "nowhere") this.refuse(w, way);
      else this.forward(w, way.link);
    }
  }

  forward(w: World, link: string): void {
    const out = { ...w, state: { ...w.state, oif: link } };
    this.leave(this.through([out], "forward", this.layer), link);
  }

  /**
   * From a port of a bridge: up to the host, or across to another port. With br_netfilter the chains of the network layer
   * are asked at the bridge's own hooks, so that NAT comes before the bridge decides.
   */
  bridged(start: World, port: string | undefined, bridge: string): void {
    const calls = this.ruleset.bridgeCalls[this.layer];
    const inside: World = { ...start, state: { ...start.state, iif: bridge, port: { name: port } } };
    const at = this.through([inside], "prerouting", "bridge");
    for (const w of calls ? this.through(at, "prerouting", this.layer) : at)
      if (this.staysOn(w, bridge)) this.across(w, bridge, calls);
      else this.up(w, bridge, calls);
  }

  staysOn(w: World, bridge: string): boolean {
    const dst = addressOf(w.state, "dst");
    // As the sender would have it: whether this host is a router does not matter for its neighbours.
    const way = dst && this.ruleset.routing.way({ dst });
    return way?.to === "link" && way.link === bridge;
  }

  up(w: World, bridge: string, calls: boolean): void {
    const past = this.through(this.through([w], "input", "bridge"), "ingress", "netdev", bridge);
    // Without br_netfilter nothing remembers the port.
    const plain = past.map((x) => ({ ...x, state: { ...x.state, port: undefined } }));
    this.route(calls ? past : this.through(plain, "prerouting", this.layer));
  }

  /** The port that it leaves by is in the bridge's table of addresses, which moves: it is not known. */
  across(w: World, bridge: string, calls: boolean): void {
    const by = (ws: readonly World[], oif: string | undefined): World[] =>
      ws.map((x) => ({ ...x, state: { ...x.state, oif, bridged: true } }));
    const both = (ws: readonly World[], hook: "forward" | "postrouting"): readonly World[] => {
      const layer2 = this.through(by(ws, undefined), hook, "bridge");
      return calls ? this.through(by(layer2, bridge), hook, this.layer) : layer2;
    };
    this.end(both(both([w], "forward"), "postrouting"), "accepted", undefined, { link: bridge });
  }

  arrive(start: World, iif: string | undefined): void {
    const w: World = { ...start, state: { ...start.state, iif } };
    const link = this.link(iif);
    // Of a bridge itself: by one of its ports, of which nobody said by which.
    if (link?.kind === "bridge") {
      this.bridged(w, undefined, link.name);
      return;
    }
    const bridge = this.link(link?.master);
    const inside = this.through([w], "ingress", "netdev", iif);
    if (link && bridge?.kind === "bridge") for (const one of inside) this.bridged(one, link.name, bridge.name);
    else this.route(this.through(inside, "prerouting", this.layer));
  }

  /** What this host sends to itself comes back by loopback; the rest leaves. */
  send(start: World): void {
    const state = { ...start.state, iif: "", fromHere: true, hook: "output" as const };
    const dst = addressOf(state, "dst");
    const first = dst && this.ruleset.routing.way({ dst });
    if (first?.to === "nowhere") {
      this.refuse(start, first);
      return;
    }
    const oif = first?.to === "link" ? first.link : "lo";
    for (const w of this.through([{ ...start, state: { ...state, oif } }], "output", this.layer)) {
      const now = addressOf(w.state, "dst");
      const mark = wordOf(w.state.mark);
      const way = now && this.ruleset.routing.way({ dst: now, ...(mark !== undefined && { mark }) });
      if (!way) this.end([w], "unclear", kernel("where it is routed is not known: its destination was changed"));
      else if (way.to === "nowhere") this.refuse(w, way);
      else if (way.to === "link") this.leave([w], way.link);
      else {
        const looped = this.through([{ ...w, state: { ...w.state, oif: "lo" } }], "postrouting", this.layer);
        const back = looped.map((x) => ({ ...x, state: { ...x.state, iif: "lo", oif: "", fromHere: true } }));
        this.deliver(this.through(back, "prerouting", this.layer));
      }
    }
  }
}

const verdictOf = (outcomes: readonly Outcome[]): Verdict => {
  const fates = new Set(outcomes.map((o) => o.fate));
  const first = outcomes[0];
  const fate = fates.size === 1 ? first!.fate : "unclear";
  // Where all ways end alike, the one that supposes least is told.
  const told = [...outcomes].sort((a, b) => a.doubts.length - b.doubts.length)[0];
  const doubts = fate === "unclear" ? outcomes.flatMap((o) => o.doubts) : [];
  const seen = new Set<string>();
  const distinct = doubts.filter((d) => {
    const key = `${d.what} ${d.at.text} ${d.at.table} ${d.at.chain} ${d.at.rule}`;
    return !seen.has(key) && seen.add(key);
  });
  const passages = [...(told?.path ?? [])].reverse();
  const accepted = (passages.find((p) => p.by && p.said === "accept") ?? passages.find((p) => p.by))?.by;
  const by = fate === "unclear" ? undefined : (told?.by ?? accepted);
  return { fate, path: told?.path ?? [], doubts: distinct, outcomes, ...(by && { by }) };
};

/**
 * Walks the packet through the ruleset. Where something can only be known at that moment (a limit, a source port that was
 * not given) both ways are followed, and the verdict is `unclear` only when they end differently.
 * @throws FaultError bad-value when the addresses are of two families
 */
export const simulate = (ruleset: Ruleset, packet: Packet): Verdict => {
  const f = family(packet.dst);
  if (family(packet.src) !== f)
    throw new FaultError({
      kind: "bad-value",
      what: "addresses",
      got: `from ${packet.src} to ${packet.dst}`,
      want: "two of one family",
    });
  const walk = new Walk(ruleset, f === 4 ? "ip" : "ip6");
  const start: World = { state: startOf(packet), path: [], doubts: [] };
  const own = packet.iif === undefined && ruleset.routing.addressType(packet.src) === 2;
  if (own) walk.send(start);
  else walk.arrive(start, packet.iif ?? ruleset.routing.linkTo(packet.src));
  return verdictOf(walk.outcomes);
};
