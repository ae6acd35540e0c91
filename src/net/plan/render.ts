/** Each step as the `ip`, `bridge`, `tc` or `sysctl` line that a person would have typed. */
import { cidrText } from "../../base/cidr.ts";
import { sysctlName } from "../../base/sysctl-name.ts";
import { routeTables } from "../../kernel/codec/route/route.ts";
import { netnsDir } from "../../kernel/os/netns.ts";
import type { AddressSpec } from "../addresses.ts";
import type { VlanSpec } from "../bridge-vlans.ts";
import type { FdbSpec } from "../fdb.ts";
import type { LinkChange, LinkSpec, PortChange } from "../links.ts";
import type { NeighbourSpec } from "../neighbours.ts";
import { renderChanges } from "../nft/render-change.ts";
import { podwireProtocol, type RouteSpec, tableOf } from "../routes.ts";
import type { RuleSpec } from "../rules.ts";
import {
  renderClass,
  renderClassDel,
  renderFilter,
  renderFilterDel,
  renderQdisc,
  renderQdiscDel,
} from "../tc/render.ts";
import type { TunSpec } from "../tuns.ts";
import { quote } from "./quote.ts";
import { renderKind } from "./render-kind.ts";
import type { Step, StepName } from "./step.ts";

/** Words joined by blanks; what is undefined or empty is left out. */
const words = (...parts: readonly (string | number | undefined | false)[]): string =>
  parts.filter((p) => p !== undefined && p !== "" && p !== false).join(" ");
const opt = (word: string, value: string | number | undefined): string =>
  value === undefined ? "" : `${word} ${quote(String(value))}`;
const onOff = (word: string, value: boolean | undefined): string =>
  value === undefined ? "" : `${word} ${value ? "on" : "off"}`;

/** What `ip netns` calls it: the name under /run/netns, else the path. */
export const netnsName = (path: string): string =>
  path.startsWith(`${netnsDir}/`) ? path.slice(netnsDir.length + 1) : path;

/** `$$` is the shell that the line is typed into, which is where we run. */
const netnsWord = (path: string | undefined): string =>
  path === undefined ? "" : `netns ${path === "" ? "$$" : quote(netnsName(path))}`;

const linkAdd = ({ in: into, link: l }: Step<"link.add">): string[] => {
  const born = within(into, linkLine(l));
  if (l.alias === undefined) return [born];
  return [born, within(l.netns ?? into, words("ip link set dev", quote(l.name), `alias ${quote(l.alias)}`))];
};

const linkLine = (l: LinkSpec): string =>
  words(
    "ip link add",
    opt("name", l.name),
    l.info.kind !== "vxlan" && opt("link", l.lower),
    netnsWord(l.netns),
    opt("address", l.mac),
    opt("mtu", l.mtu),
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
          netnsWord(l.peer.netns),
        )
      : renderKind(l),
  );

const linkSet = (name: string, s: LinkChange): string =>
  words(
    "ip link set dev",
    quote(name),
    opt("name", s.name),
    opt("address", s.mac),
    opt("mtu", s.mtu),
    opt("txqueuelen", s.txqlen),
    onOff("promisc", s.promisc),
    onOff("allmulticast", s.allmulti),
    s.alias !== undefined && `alias ${quote(s.alias)}`,
    opt("group", s.group),
    s.master === null ? "nomaster" : opt("master", s.master),
    netnsWord(s.netns),
    s.up === undefined ? "" : s.up ? "up" : "down",
  );

const tunAdd = (t: TunSpec): string =>
  words(
    opt("runcon", t.context),
    "ip tuntap add",
    opt("dev", t.name),
    "mode tap",
    opt("user", t.owner),
    opt("group", t.group),
    t.multiQueue && "multi_queue",
  );

const portSet = (name: string, s: PortChange): string =>
  words(
    "bridge link set dev",
    quote(name),
    onOff("hairpin", s.hairpin),
    onOff("isolated", s.isolated),
    onOff("learning", s.learning),
  );

const vlan = (verb: string, v: VlanSpec): string =>
  words(
    "bridge vlan",
    verb,
    opt("dev", v.link),
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
    a.peer ? `${a.address.ip} peer ${cidrText(a.peer)}` : cidrText(a.address),
    opt("brd", a.broadcast),
    opt("dev", a.link),
    opt("scope", a.scope),
    a.nodad && "nodad",
    a.noprefixroute && "noprefixroute",
    verb === "add" && a.lifetime && `valid_lft ${a.lifetime.valid} preferred_lft ${a.lifetime.preferred}`,
  );

const via = (r: RouteSpec, gw: RouteSpec["gw"]): string =>
  gw === undefined ? "" : words("via", gw.includes(":") && !r.dst.ip.includes(":") && "inet6", gw);

const routeLine = (verb: string, r: RouteSpec): string =>
  words(
    r.dst.ip.includes(":") ? "ip -6 route" : "ip route",
    verb,
    r.type !== undefined && r.type !== "unicast" && r.type,
    r.dst.prefix === 0 ? "default" : cidrText(r.dst),
    via(r, r.gw),
    opt("dev", r.link),
    tableOf(r) !== routeTables.main && `table ${tableOf(r)}`,
    `proto ${r.protocol ?? podwireProtocol}`,
    opt("scope", r.scope),
    opt("src", r.src),
    opt("metric", r.priority),
    opt("mtu", r.mtu),
    opt("advmss", r.advmss),
    r.onlink && !r.nexthops && "onlink",
    ...(r.nexthops ?? []).map((h) =>
      words("nexthop", via(r, h.gw), opt("dev", h.link), opt("weight", h.weight), r.onlink && "onlink"),
    ),
  );

const ruleLine = (verb: string, r: RuleSpec): string =>
  words(
    r.family === 6 ? "ip -6 rule" : "ip rule",
    verb,
    r.invert && "not",
    opt("priority", r.priority),
    r.from && `from ${cidrText(r.from)}`,
    r.to && `to ${cidrText(r.to)}`,
    opt("iif", r.iif),
    opt("oif", r.oif),
    r.mark !== undefined && `fwmark ${r.mark}${r.mask === undefined ? "" : `/${r.mask}`}`,
    opt("suppress_prefixlength", r.suppressPrefixlen),
    opt("suppress_ifgroup", r.suppressIfgroup),
    `table ${r.table}`,
    `protocol ${r.protocol ?? podwireProtocol}`,
  );

const neighbourLine = (verb: string, n: NeighbourSpec): string =>
  words(
    "ip neighbour",
    verb,
    n.ip,
    verb === "replace" && opt("lladdr", n.mac),
    opt("dev", n.link),
    verb === "replace" && `nud ${n.state ?? "permanent"}`,
    verb === "replace" && opt("protocol", n.protocol ?? podwireProtocol),
  );

const fdbLine = (verb: string, f: FdbSpec): string =>
  words(
    "bridge fdb",
    verb,
    f.mac,
    opt("dev", f.link),
    opt("dst", f.dst),
    opt("vlan", f.vlan),
    f.self ? "self" : "master",
    verb === "append" && (f.permanent ? "permanent" : "static"),
  );

/** `ip netns` knows names; a namespace elsewhere is a bind mount made by hand. */
const netnsAdd = (path: string): string[] => {
  const name = netnsName(path);
  if (name !== path) return [`ip netns add ${quote(name)}`];
  return [`touch ${quote(path)}`, `unshare --net=${quote(path)} true`];
};
const netnsDel = (path: string): string[] => {
  const name = netnsName(path);
  return name !== path ? [`ip netns del ${quote(name)}`] : [`umount ${quote(path)}`, `rm ${quote(path)}`];
};

const lines: { [K in StepName]: (s: Step<K>) => string | string[] } = {
  "link.add": linkAdd,
  "link.set": (s) => linkSet(s.name, s.set),
  "link.del": (s) => `ip link del dev ${quote(s.name)}`,
  "tun.add": (s) => tunAdd(s.tun),
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
  "qdisc.add": (s) => renderQdisc("add", s.qdisc),
  "qdisc.change": (s) => renderQdisc("change", s.qdisc),
  "qdisc.del": (s) => renderQdiscDel(s.qdisc),
  "class.add": (s) => renderClass(s.class),
  "class.del": (s) => renderClassDel(s.class),
  "filter.add": (s) => renderFilter(s.filter),
  "filter.del": (s) => renderFilterDel(s.filter),
  "sysctl.set": (s) => `sysctl -w ${quote(`${sysctlName(s.name)}=${s.value}`)}`,
  nft: (s) => renderChanges(s.changes),
  "netns.add": (s) => netnsAdd(s.path),
  "netns.del": (s) => netnsDel(s.path),
};

/** `ip -n NAME ...` for a named namespace, `nsenter --net=PATH ...` for another path or another program. */
const within = (path: string, line: string): string => {
  const name = netnsName(path);
  if (path === "") return line;
  if (name === path) return `nsenter --net=${quote(path)} ${line}`;
  const program = /^(ip|bridge|tc) /.exec(line)?.[1];
  return program ? `${program} -n ${quote(name)}${line.slice(program.length)}` : `ip netns exec ${quote(name)} ${line}`;
};

/** These say themselves where each of their lines is for. */
const namesNetns = (step: Step): boolean => step.do.startsWith("netns.") || step.do === "link.add";

/** One line; a step that takes a person two commands has them joined by `&&`. */
export const render = (step: Step): string =>
  [linesOf(step)]
    .flat()
    .map((line) => (namesNetns(step) ? line : within(step.in, line)))
    .join(" && ");

const linesOf = <K extends StepName>(step: Step<K>): string | string[] =>
  (lines[step.do] as (s: Step<K>) => string | string[])(step);
