/** Each step as the `ip`, `bridge` or `sysctl` line that a person would have typed. */
import { cidrText } from "../../base/cidr.ts";
import { routeTables } from "../../kernel/codec/route/route.ts";
import { netnsDir } from "../../kernel/os/netns.ts";
import type { AddressSpec } from "../addresses.ts";
import type { VlanSpec } from "../bridge-vlans.ts";
import type { FdbSpec } from "../fdb.ts";
import type { LinkChange, LinkSpec, PortChange } from "../links.ts";
import type { NeighbourSpec } from "../neighbours.ts";
import { podwireProtocol, type RouteSpec } from "../routes.ts";
import type { RuleSpec } from "../rules.ts";
import { renderKind } from "./render-kind.ts";
import type { Step, StepName } from "./step.ts";

/** Words joined by blanks; what is undefined or empty is left out. */
const words = (...parts: readonly (string | number | undefined | false)[]): string =>
  parts.filter((p) => p !== undefined && p !== "" && p !== false).join(" ");
const opt = (word: string, value: string | number | undefined): string =>
  value === undefined ? "" : `${word} ${value}`;
const onOff = (word: string, value: boolean | undefined): string =>
  value === undefined ? "" : `${word} ${value ? "on" : "off"}`;
const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** What `ip netns` calls it: the name under /run/netns, else the path. */
export const netnsName = (path: string): string =>
  path.startsWith(`${netnsDir}/`) ? path.slice(netnsDir.length + 1) : path;

const linkAdd = (l: LinkSpec): string =>
  words(
    "ip link add",
    opt("name", l.name),
    opt("link", l.lower),
    opt("address", l.mac),
    opt("mtu", l.mtu),
    l.alias !== undefined && `alias ${quote(l.alias)}`,
    opt("group", l.group),
    opt("master", l.master),
    l.up && "up",
    "type",
    l.info.kind,
    l.peer
      ? words(
          "peer",
          opt("name", l.peer.name),
          opt("address", l.peer.mac),
          opt("mtu", l.peer.mtu),
          l.peer.netns !== undefined && `netns ${netnsName(l.peer.netns) || "$$"}`,
        )
      : renderKind(l.info),
  );

const linkSet = (name: string, s: LinkChange): string =>
  words(
    "ip link set dev",
    name,
    opt("name", s.name),
    opt("address", s.mac),
    opt("mtu", s.mtu),
    onOff("promisc", s.promisc),
    s.alias !== undefined && `alias ${quote(s.alias)}`,
    s.master === null ? "nomaster" : opt("master", s.master),
    s.netns !== undefined && `netns ${netnsName(s.netns)}`,
    s.up === undefined ? "" : s.up ? "up" : "down",
  );

const portSet = (name: string, s: PortChange): string =>
  words(
    "bridge link set dev",
    name,
    onOff("hairpin", s.hairpin),
    onOff("isolated", s.isolated),
    onOff("learning", s.learning),
  );

const vlan = (verb: string, v: VlanSpec): string =>
  words(
    "bridge vlan",
    verb,
    "dev",
    v.link,
    "vid",
    v.end === undefined ? v.vid : `${v.vid}-${v.end}`,
    v.pvid && "pvid",
    v.untagged && "untagged",
    v.self && "self",
  );

const addressLine = (verb: string, a: AddressSpec): string =>
  words(
    "ip address",
    verb,
    cidrText(a.address),
    "dev",
    a.link,
    opt("scope", a.scope),
    a.nodad && "nodad",
    a.noprefixroute && "noprefixroute",
  );

const routeLine = (verb: string, r: RouteSpec): string =>
  words(
    r.dst.ip.includes(":") ? "ip -6 route" : "ip route",
    verb,
    r.type !== undefined && r.type !== "unicast" && r.type,
    r.dst.prefix === 0 ? "default" : cidrText(r.dst),
    opt("via", r.gw),
    opt("dev", r.link),
    r.table !== undefined && r.table !== routeTables.main && `table ${r.table}`,
    `proto ${r.protocol ?? podwireProtocol}`,
    opt("scope", r.scope),
    opt("src", r.src),
    opt("metric", r.priority),
    opt("mtu", r.mtu),
    opt("advmss", r.advmss),
    r.onlink && "onlink",
    ...(r.nexthops ?? []).map((h) => words("nexthop", opt("via", h.gw), opt("dev", h.link), opt("weight", h.weight))),
  );

const ruleLine = (verb: string, r: RuleSpec): string =>
  words(
    r.family === 6 ? "ip -6 rule" : "ip rule",
    verb,
    opt("priority", r.priority),
    r.from && `from ${cidrText(r.from)}`,
    r.to && `to ${cidrText(r.to)}`,
    opt("iif", r.iif),
    opt("oif", r.oif),
    opt("fwmark", r.mark),
    `table ${r.table}`,
    `protocol ${r.protocol ?? podwireProtocol}`,
  );

const neighbourLine = (verb: string, n: NeighbourSpec): string =>
  words(
    "ip neighbour",
    verb,
    n.ip,
    verb === "replace" && opt("lladdr", n.mac),
    "dev",
    n.link,
    verb === "replace" && `nud ${n.state ?? "permanent"}`,
  );

const fdbLine = (verb: string, f: FdbSpec): string =>
  words(
    "bridge fdb",
    verb,
    f.mac,
    "dev",
    f.link,
    opt("dst", f.dst),
    opt("vlan", f.vlan),
    f.self ? "self" : "master",
    verb === "append" && (f.permanent ? "permanent" : "static"),
  );

const lines: { [K in StepName]: (s: Step<K>) => string } = {
  "link.add": (s) => linkAdd(s.link),
  "link.set": (s) => linkSet(s.name, s.set),
  "link.del": (s) => `ip link del dev ${s.name}`,
  "port.set": (s) => portSet(s.name, s.set),
  "vlan.add": (s) => vlan("add", s.vlan),
  "vlan.del": (s) => vlan("del", s.vlan),
  "address.add": (s) => addressLine("add", s.address),
  "address.del": (s) => addressLine("del", s.address),
  "route.add": (s) => routeLine("add", s.route),
  "route.replace": (s) => routeLine("replace", s.route),
  "route.append": (s) => routeLine("append", s.route),
  "route.del": (s) => routeLine("del", s.route),
  "rule.add": (s) => ruleLine("add", s.rule),
  "rule.del": (s) => ruleLine("del", s.rule),
  "neighbour.replace": (s) => neighbourLine("replace", s.neighbour),
  "neighbour.del": (s) => neighbourLine("del", s.neighbour),
  "fdb.append": (s) => fdbLine("append", s.fdb),
  "fdb.del": (s) => fdbLine("del", s.fdb),
  "sysctl.set": (s) => `sysctl -w ${s.name}=${s.value}`,
  "netns.add": (s) => `ip netns add ${netnsName(s.path)}`,
  "netns.del": (s) => `ip netns del ${netnsName(s.path)}`,
};

/** `ip -n NAME ...` for a named namespace, `nsenter --net=PATH ...` for another path or another program. */
const within = (path: string, line: string): string => {
  const name = netnsName(path);
  if (path === "" || line.startsWith("ip netns ")) return line;
  if (name === path) return `nsenter --net=${quote(path)} ${line}`;
  const program = /^(ip|bridge) /.exec(line)?.[1];
  return program ? `${program} -n ${quote(name)}${line.slice(program.length)}` : `ip netns exec ${quote(name)} ${line}`;
};

export const render = (step: Step): string => within(step.in, lineOf(step));

const lineOf = <K extends StepName>(step: Step<K>): string => (lines[step.do] as (s: Step<K>) => string)(step);
