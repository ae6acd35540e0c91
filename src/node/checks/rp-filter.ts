/** R3: strict reverse path filtering where packets may come by another link than answers leave by. */
import type { Link } from "../../net/links.ts";
import type { Check, Finding } from "../check.ts";
import { linkSysctl, ok, sysctlFix } from "../finding.ts";
import type { Host } from "../host.ts";
import { globalAddresses, uplinksOf } from "../reads/uplinks.ts";

const tunnels = ["vxlan", "geneve", "wireguard", "ipip", "gre", "sit", "tun"];

/** The kernel takes the larger of the two (ip-sysctl). */
const effective = (host: Host, link: Link): number | undefined => {
  const [all, own] = ["all", link.name].map((name) => host.sysctl(`net/ipv4/conf/${name}/rp_filter`));
  return all === undefined || own === undefined ? undefined : Math.max(Number(all), Number(own));
};

/** Packets that it threw away since boot (TcpExt: IPReversePathFilter). */
const thrownAway = (host: Host): number => {
  const lines = (host.read("/proc/net/netstat") ?? "").split("\n").filter((line) => line.startsWith("TcpExt:"));
  const [names, values] = lines.map((line) => line.split(" "));
  return Number(values?.[names?.indexOf("IPReversePathFilter") ?? -1] ?? 0);
};

const look = (host: Host, link: Link, thrown: number): Finding => {
  const value = effective(host, link);
  if (value !== 1) return ok(`rp_filter ${value ?? "unknown"}`, link.name);
  const all = host.sysctl("net/ipv4/conf/all/rp_filter");
  const name = all === "1" ? "net.ipv4.conf.all.rp_filter" : linkSysctl(4, link.name, "rp_filter");
  return {
    outcome: "warn",
    subject: link.name,
    seen: `rp_filter 1 (strict)${thrown > 0 ? `, ${thrown} packets thrown away since boot` : ""}`,
    want: "2 (loose) or 0: packets may come by one link, and the answer's way be another",
    // Loose wins over the 1 of a single link, since the larger counts.
    fix: sysctlFix(host, name, "2", all === "1" ? all : "1"),
  };
};

export const rpFilterCheck: Check = {
  id: "R3",
  name: "rp-filter",
  area: "routing",
  severity: "warn",
  title: "no strict reverse path filter where ways may differ",
  why: "packets get through in one direction only: they are thrown away without a word when the answer would leave by another link",
  run: (host) => {
    const cards = uplinksOf(host).filter((l) => l.up && globalAddresses(host, l).length > 0);
    const inside = host.links.filter((l) => l.up && tunnels.includes(l.kind ?? ""));
    // With one link there is one way.
    const watched = [...(cards.length > 1 ? cards : []), ...inside];
    const thrown = watched.length > 0 ? thrownAway(host) : 0;
    return watched.map((link) => look(host, link, thrown));
  },
};
