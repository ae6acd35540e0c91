/** L3: pods' links are no wider than the way between nodes, as far as one node can tell; the path itself is tried between nodes. */
import { cidrFamily, overlaps } from "../../base/cidr.ts";
import { family } from "../../base/ip.ts";
import type { Link } from "../../net/links.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { bridgesOf, chosenConf } from "../reads/network-confs.ts";
import { nodeAddress, uplinksOf } from "../reads/uplinks.ts";

/** Bytes that a tunnel puts before each packet, over IPv4 and over IPv6. */
const overheads: Readonly<Record<string, readonly [number, number]>> = {
  vxlan: [50, 70],
  geneve: [50, 70],
  wireguard: [60, 80],
  ipip: [20, 20],
};

interface PodSide {
  readonly names: string;
  readonly links: readonly Link[];
  /** Of these the one of the largest MTU. */
  readonly widest: Link;
  readonly overhead: number;
}

/** Each tunnel by itself, each bridge with the veths in it; pods' packets pass a tunnel when a route to pods leads into it. */
const podSides = (host: Host, outer: 4 | 6, { podCidrs }: Asked): PodSide[] => {
  const bridges = bridgesOf(chosenConf(host));
  const tunnels = host.links
    .filter((l) => l.kind !== undefined && l.kind in overheads)
    .map((l) => ({ names: l.name, links: [l], widest: l, overhead: overheads[l.kind!]![outer === 4 ? 0 : 1] }));
  const passed = tunnels.filter(({ widest }) =>
    host.routes.some((r) => r.link === widest.index && r.dst.prefix > 0 && podCidrs.some((c) => overlaps(c, r.dst))),
  );
  const overhead = Math.max(0, ...passed.map((t) => t.overhead));
  const inBridges = host.links
    .filter((l) => l.kind === "bridge" && bridges.includes(l.name))
    .map((bridge) => {
      const ports = host.links.filter((l) => l.master === bridge.index);
      const links = [bridge, ...ports];
      const widest = links.reduce((one, other) => (other.mtu > one.mtu ? other : one));
      return {
        names:
          ports.length > 0
            ? `${bridge.name} and its ${ports.length} port${ports.length === 1 ? "" : "s"}`
            : bridge.name,
        links,
        widest,
        overhead,
      };
    });
  return [...tunnels, ...inBridges];
};

const look = (up: Link, { names, links, widest, overhead }: PodSide): Finding => {
  const most = up.mtu - overhead;
  if (widest.mtu <= most) return ok(`${widest.mtu} bytes, by ${up.name} with ${up.mtu}`, names);
  return {
    outcome: "fail",
    subject: names,
    seen: `${widest.mtu} bytes, but packets leave by ${up.name} with ${up.mtu}`,
    want: `at most ${most} bytes${overhead > 0 ? ` (${up.mtu} less ${overhead} for the tunnel)` : ""}: "mtu" in the network config`,
    fix: {
      command: links.map((l) => `ip link set dev ${l.name} mtu ${Math.min(l.mtu, most)}`).join(" && "),
      undo: links.map((l) => `ip link set dev ${l.name} mtu ${l.mtu}`).join(" && "),
      survivesReboot: false,
    },
  };
};

/** Bridges that the config's plugins have yet to make, with the MTU that they will give them: the kernel's own unless told. */
const planned = (host: Host, up: Link): Finding[] => {
  const conf = chosenConf(host);
  return (conf?.plugins ?? [])
    .filter(({ type }) => type === "bridge")
    .filter((plugin) => !host.links.some((l) => bridgesOf({ ...conf!, plugins: [plugin] }).includes(l.name)))
    .map(({ mtu }): Finding => {
      const will = typeof mtu === "number" && mtu > 0 ? mtu : 1500;
      const path = conf!.path;
      if (will <= up.mtu) return ok(`${will} bytes, by ${up.name} with ${up.mtu}`, path);
      const [was, now] = [`"mtu": ${will}`, `"mtu": ${up.mtu}`];
      const fix = mtu
        ? { command: `sed -i 's/"mtu": *${will}/${now}/' ${path}`, undo: `sed -i 's/${now}/${was}/' ${path}` }
        : {
            command: `sed -i 's/"type": *"bridge"/"type": "bridge", ${now}/' ${path}`,
            undo: `sed -i 's/, ${now}//' ${path}`,
          };
      return {
        outcome: "fail",
        subject: path,
        seen: `pods will get ${will} bytes, but packets leave by ${up.name} with ${up.mtu}`,
        want: `at most ${up.mtu} bytes`,
        fix: { ...fix, survivesReboot: true },
      };
    });
};

const wayOut = (host: Host, asked: Asked): Link | undefined => nodeAddress(host, asked)?.link ?? uplinksOf(host)[0];

export const mtuCheck: Check = {
  id: "L3",
  name: "mtu",
  area: "links",
  severity: "fail",
  title: "pods' packets fit the links between nodes",
  why: "ping and small requests work, while TLS and large answers hang: packets that are too large vanish on the way",
  run: (host, asked) => {
    const up = wayOut(host, asked);
    if (!up) return [];
    const outer = asked.nodeIp ? family(asked.nodeIp) : 4;
    const v6 = asked.podCidrs.some((c) => cidrFamily(c) === 6);
    if (v6 && up.mtu < 1280)
      return [
        {
          outcome: "fail",
          subject: up.name,
          seen: `${up.mtu} bytes`,
          want: "at least 1280 bytes, or the kernel switches IPv6 off there",
          fix: {
            command: `ip link set dev ${up.name} mtu 1500`,
            undo: `ip link set dev ${up.name} mtu ${up.mtu}`,
            survivesReboot: false,
          },
        },
      ];
    const sides = [...podSides(host, outer, asked).map((side) => look(up, side)), ...planned(host, up)];
    return sides.length > 0 ? sides : [ok(`${up.mtu} bytes`, up.name)];
  },
};
