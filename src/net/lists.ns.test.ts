/** Every noun's list beside `ip -j`, in a namespace with a bit of everything. */
import { expect, test } from "bun:test";
import { cidrText, hostCidr, tryCidr } from "../base/cidr.ts";
import { parseIp, tryIp } from "../base/ip.ts";
import { nudStates } from "../kernel/codec/route/neighbour.ts";
import { routeTypes } from "../kernel/codec/route/route.ts";
import { bridgeVlanFilteringProbe } from "../kernel/probe/bridge-vlan-filtering.ts";
import { withNetns } from "../kernel/testing/netns.ts";
import { skipUnless } from "../kernel/testing/skip.ts";
import { type Address, listAddresses } from "./addresses.ts";
import { listVlans } from "./bridge-vlans.ts";
import { listFdb } from "./fdb.ts";
import { openKernel } from "./kernel.ts";
import { findLink, findLinkByIndex, listLinks } from "./links.ts";
import { listNeighbours } from "./neighbours.ts";
import { listRoutes, type Route } from "./routes.ts";
import { listRules } from "./rules.ts";
import { rich, sorted } from "./testing/rich.ts";

type Json = Record<string, unknown>;

test("links: name, kind, MTU, address, state, master, other end, alias, group", () =>
  rich((ours, ns, name) => {
    const theirs = ns.ipJson<Json & { flags: string[]; linkinfo?: Json }>("link");
    expect(
      sorted(
        listLinks(ours).map((l) => ({
          index: l.index,
          name: l.name,
          kind: l.kind,
          mtu: l.mtu,
          mac: l.mac,
          up: l.up,
          master: l.master && name(l.master),
          peer: l.peer && name(l.peer),
          alias: l.alias,
          group: l.group === 0 ? "default" : String(l.group),
          port: l.info?.slaveKind,
        })),
      ),
    ).toEqual(
      sorted(
        theirs.map((l) => ({
          index: l.ifindex,
          name: l.ifname,
          kind: l.linkinfo?.info_kind,
          mtu: l.mtu,
          mac: l.address,
          up: l.flags.includes("UP"),
          master: l.master,
          peer: l.link,
          alias: l.ifalias,
          group: l.group,
          port: l.linkinfo?.info_slave_kind,
        })),
      ),
    );
  }));

test("a link's own settings: bridge, port, vxlan, macvlan", () =>
  rich((ours, ns) => {
    const data = (name: string) =>
      ns.ipJson<{ linkinfo: { info_data: Json; info_slave_data: Json } }>(`link show ${name}`)[0]!.linkinfo;
    const info = (name: string) => findLink(ours, name)!.info as { data: Json; port: Json };
    const bridge = data("br0").info_data;
    expect(info("br0").data).toMatchObject({
      forwardDelay: bridge.forward_delay,
      helloTime: bridge.hello_time,
      maxAge: bridge.max_age,
      ageingTime: bridge.ageing_time,
      stpState: bridge.stp_state,
      priority: bridge.priority,
      vlanFiltering: bridge.vlan_filtering,
      mcastSnooping: bridge.mcast_snooping,
      nfCallIptables: bridge.nf_call_iptables,
    });
    const port = data("v0").info_slave_data;
    expect(info("v0").port).toMatchObject({
      priority: port.priority,
      cost: port.cost,
      hairpin: Number(port.hairpin),
      learning: Number(port.learning),
      isolated: Number(port.isolated),
      unicastFlood: Number(port.flood),
    });
    const vxlan = data("vx0").info_data;
    expect(info("vx0").data).toMatchObject({
      id: vxlan.id,
      local: vxlan.local,
      port: vxlan.port,
      ageing: vxlan.ageing,
    });
    expect(info("mv0").data).toMatchObject({ mode: 4 });
    expect(data("mv0").info_data.mode).toBe("bridge");
  }));

test("a link is found by name and by index, and one that is not there is undefined", () =>
  rich((ours, ns) => {
    const index = ns.ipJson<{ ifindex: number }>("link show long-name-of-15")[0]!.ifindex;
    expect(findLink(ours, "long-name-of-15")?.index).toBe(index);
    expect(findLinkByIndex(ours, index)?.name).toBe("long-name-of-15");
    expect(findLink(ours, "nothing0")).toBeUndefined();
    expect(findLinkByIndex(ours, 9999)).toBeUndefined();
  }));

const scopes: Record<number, string> = { 0: "global", 253: "link", 254: "host" };

test("addresses: address, peer, prefix, broadcast, scope", () =>
  rich((ours, ns, name) => {
    const theirs = ns.ipJson<{ ifname: string; addr_info: Json[] }>("address").flatMap((l) =>
      l.addr_info.map((a) => ({
        link: l.ifname,
        address: `${a.local}/${a.prefixlen}`,
        peer: a.address && `${a.address}/${a.prefixlen}`,
        broadcast: a.broadcast,
        scope: a.scope,
      })),
    );
    const mine = (a: Address) => ({
      link: name(a.link),
      address: cidrText(a.address),
      peer: a.peer && cidrText(a.peer),
      broadcast: a.broadcast,
      scope: scopes[a.scope],
    });
    expect(sorted(listAddresses(ours).map(mine))).toEqual(sorted(theirs));
    const br0 = findLink(ours, "br0")!.index;
    expect(sorted(listAddresses(ours, br0).map(mine))).toEqual(sorted(theirs.filter((a) => a.link === "br0")));
  }));

const protocols: Record<number, string> = { 2: "kernel", 3: "boot", 9: "ra" };
const tables: Record<number, string> = { 254: "main", 255: "local" };

test("routes of every table: destination, gateway, link, type, scope, protocol, metric, sizes, next hops", () =>
  rich((ours, ns, name) => {
    const dst = (text: string, six: boolean): string => {
      if (text === "default") return six ? "::/0" : "0.0.0.0/0";
      return cidrText(tryCidr(text) ?? hostCidr(parseIp(text)));
    };
    const theirs = (["-4", "-6"] as const).flatMap((f) =>
      ns.ipJson<Json>(`${f} route show table all`).map((r) => {
        const hops = r.nexthops as Json[] | undefined;
        const metrics = (r.metrics as Json[] | undefined)?.[0];
        const special = ["unreachable", "prohibit", "blackhole"].includes(r.type as string);
        return {
          dst: dst(r.dst as string, f === "-6"),
          type: r.type,
          gw: (r.via as Json | undefined)?.host ?? r.gateway,
          link: special ? undefined : r.dev,
          table: r.table,
          protocol: r.protocol,
          scope: r.scope,
          src: r.prefsrc,
          metric: r.metric,
          mtu: metrics?.mtu,
          advmss: metrics?.advmss,
          onlink: (r.flags as string[]).includes("onlink"),
          hops: hops?.map((h) => `${h.gateway} ${h.dev} ${h.weight}`),
        };
      }),
    );
    const mine = (r: Route) => {
      const type = Object.entries(routeTypes).find(([, n]) => n === r.type)?.[0];
      const special = type === "unreachable" || type === "prohibit" || type === "blackhole";
      return {
        dst: cidrText(r.dst),
        type,
        gw: r.gw,
        link: r.link === undefined || special ? undefined : name(r.link),
        table: tables[r.table] ?? String(r.table),
        protocol: protocols[r.protocol] ?? String(r.protocol),
        scope: scopes[r.scope],
        src: r.src,
        metric: r.priority,
        mtu: r.mtu,
        advmss: r.advmss,
        onlink: r.onlink ?? false,
        hops: r.nexthops?.map((h) => `${h.gw} ${name(h.link)} ${h.weight}`),
      };
    };
    expect(sorted(listRoutes(ours).map(mine))).toEqual(sorted(theirs));
    expect(listRoutes(ours, 1000).map((r) => cidrText(r.dst))).toEqual(["10.2.0.0/24"]);
  }));

test("rules of both families, in order", () =>
  rich((ours, ns) => {
    const cidr = (ip: unknown, len: unknown, six: boolean): string | undefined =>
      ip === undefined || ip === "all" ? undefined : `${ip}/${len ?? (six ? 128 : 32)}`;
    const theirs = ([4, 6] as const).flatMap((f) =>
      ns.ipJson<Json>(`-${f} rule`).map((r) => ({
        family: f,
        priority: r.priority,
        from: cidr(r.src, r.srclen, f === 6),
        to: cidr(r.dst, r.dstlen, f === 6),
        iif: r.iif,
        oif: r.oif,
        mark: r.fwmark && Number(r.fwmark),
        mask: r.fwmask && Number(r.fwmask),
        invert: "not" in r || undefined,
        suppress: r.suppress_prefixlen,
        group: r.suppress_ifgroup && Number(r.suppress_ifgroup),
        table: r.table ?? "none",
        protocol: r.protocol,
      })),
    );
    const names: Record<number, string> = { ...tables, 253: "default", 0: "none" };
    expect(
      listRules(ours).map((r) => ({
        family: r.family,
        priority: r.priority,
        from: r.from && cidrText(r.from),
        to: r.to && cidrText(r.to),
        iif: r.iif,
        oif: r.oif,
        mark: r.mark,
        mask: r.mask,
        invert: r.invert,
        suppress: r.suppressPrefixlen,
        group: r.suppressIfgroup,
        table: names[r.table] ?? String(r.table),
        protocol: r.protocol === 0 ? "unspec" : (protocols[r.protocol] ?? String(r.protocol)),
      })) as object[],
    ).toEqual(theirs);
  }));

test("neighbours in every state", () =>
  rich((ours, ns, name) => {
    const theirs = ns.ipJson<Json>("neighbour show nud all").map((n) => ({
      ip: tryIp(n.dst as string),
      link: n.dev,
      mac: n.lladdr,
      state: (n.state as string[]).join(),
      protocol: n.protocol,
    }));
    const states = new Map(Object.entries(nudStates).map(([word, n]) => [n as number, word.toUpperCase()]));
    const mine = listNeighbours(ours).map((n) => ({
      ip: n.ip,
      link: name(n.link),
      mac: n.mac,
      state: states.get(n.state),
      protocol: n.protocol === 0 ? undefined : String(n.protocol),
    }));
    expect(sorted(mine)).toEqual(sorted(theirs));
    expect(mine.length).toBeGreaterThan(2);
  }));

test("forwarding entries of bridges and tunnels", () =>
  rich((ours, ns, name) => {
    const theirs = ns.bridgeJson<Json>("fdb").map((e) => ({
      mac: e.mac,
      link: e.ifname,
      dst: e.dst,
      master: e.master,
      self: (e.flags as string[]).includes("self"),
      state: e.state,
    }));
    const state = (n: number): string => (n & nudStates.permanent ? "permanent" : n & nudStates.noarp ? "static" : "");
    // Traffic teaches the bridge between the two looks.
    const taught = (e: { state: unknown }): boolean => e.state !== "" && e.state !== "stale";
    const mine = listFdb(ours).map((e) => ({
      mac: e.mac,
      link: name(e.link),
      dst: e.dst,
      master: e.master && name(e.master),
      self: e.self,
      state: state(e.state),
    }));
    expect(sorted(mine.filter(taught))).toEqual(sorted(theirs.filter(taught)));
    expect(mine.filter((e) => e.link === "vx0" && e.mac === "00:00:00:00:00:00").length).toBe(2);
  }));

skipUnless(bridgeVlanFilteringProbe)("VLANs of bridge ports", () =>
  rich((ours, ns, name) => {
    ns.sh("bridge vlan add dev v0 vid 100-102 untagged; bridge vlan add dev v0 vid 7 pvid");
    const theirs = ns.bridgeJson<{ ifname: string; vlans: { vlan: number; vlanEnd?: number; flags?: string[] }[] }>(
      "vlan",
    );
    expect(sorted(listVlans(ours).map((v) => ({ ...v, link: name(v.link) })))).toEqual(
      sorted(
        theirs.flatMap((p) =>
          p.vlans.flatMap((v) =>
            Array.from({ length: (v.vlanEnd ?? v.vlan) - v.vlan + 1 }, (_, i) => ({
              link: p.ifname,
              vid: v.vlan + i,
              pvid: v.flags?.includes("PVID") ?? false,
              untagged: v.flags?.includes("Egress Untagged") ?? false,
            })),
          ),
        ),
      ),
    );
  }),
);

test("a bridge without VLANs has none to list", () =>
  withNetns((ns) => {
    ns.sh("ip link add v0 type veth peer name v1");
    using kernel = openKernel();
    expect(listVlans(kernel.open(ns.path))).toEqual([]);
  }));
