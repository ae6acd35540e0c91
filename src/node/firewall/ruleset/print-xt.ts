/** Matches and targets of iptables as `iptables -S` prints them. What has no words here ends in `…`. */
import { ipFromBytes } from "../../../base/ip.ts";
import {
  CONNTRACK,
  type Conntrack,
  type MaskedAddress,
  type PortRange,
  type Ports,
  XT_STATE,
  type XtMatch,
} from "../../../kernel/codec/xtables/matches.ts";
import type { NatRange, XtTarget } from "../../../kernel/codec/xtables/targets.ts";
import type { IpSet } from "./model.ts";

/** Quoted when it is more than letters, digits, `_` and `-`. */
export const quoted = (text: string): string =>
  /^[\w-]+$/.test(text) ? text : `"${text.replace(/["\\']/g, (c) => `\\${c}`)}"`;

export const not = (inverted: boolean, text: string): string => (inverted ? `! ${text}` : text);
export const hexOf = (n: number): string => `0x${n.toString(16)}`;
const range = (r: PortRange): string => (r.from === r.to ? String(r.from) : `${r.from}:${r.to}`);

export const prefixOf = (mask: Uint8Array): number | undefined => {
  const digits = [...mask].map((b) => b.toString(2).padStart(8, "0")).join("");
  const n = digits.indexOf("0") < 0 ? digits.length : digits.indexOf("0");
  return digits.slice(n).includes("1") ? undefined : n;
};

export const addressText = (a: MaskedAddress): string =>
  `${ipFromBytes(a.address)}/${prefixOf(a.mask) ?? ipFromBytes(a.mask)}`;

const flagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];
const flags = (bits: number): string => {
  const names = flagNames.filter((_, i) => bits & (1 << i));
  return names.length === 0 ? "NONE" : names.join(",");
};
export const flagsText = (mask: number, value: number, inverted: boolean): string =>
  not(inverted, `--tcp-flags ${flags(mask)} ${flags(value)}`);

const portsText = (p: Ports): string[] => [
  ...(p.sport ? [not(p.sport.not, `--sport ${range(p.sport)}`)] : []),
  ...(p.dport ? [not(p.dport.not, `--dport ${range(p.dport)}`)] : []),
];

const stateNames = ["invalid", "new", "related", "established", "untracked", "snat", "dnat"] as const;
const states = (bits: number): string =>
  stateNames
    .filter((n) => bits & XT_STATE[n])
    .map((n) => n.toUpperCase())
    .join(",");

const statusNames: Readonly<Record<number, string>> = { 1: "EXPECTED", 2: "SEEN_REPLY", 4: "ASSURED", 8: "CONFIRMED" };
const status = (bits: number): string =>
  bits === 0
    ? "NONE"
    : Object.entries(statusNames)
        .filter(([bit]) => bits & Number(bit))
        .map(([, name]) => name)
        .join(",");

/** XT_CONNTRACK_STATE_ALIAS: it was written as `-m state`. */
const ALIAS = 8192;

const conntrack = (x: Conntrack): string => {
  const out: string[] = [];
  const say = (bit: number, text: string): void => {
    if (x.looks & bit) out.push(not((x.not & bit) !== 0, text));
  };
  if (x.looks & ALIAS) return `-m state ${not((x.not & CONNTRACK.state) !== 0, `--state ${states(x.states)}`)}`;
  say(CONNTRACK.state, `--ctstate ${states(x.states)}`);
  say(CONNTRACK.proto, `--ctproto ${x.protocol}`);
  say(CONNTRACK.origSrc, `--ctorigsrc ${addressText(x.origSrc)}`);
  say(CONNTRACK.origDst, `--ctorigdst ${addressText(x.origDst)}`);
  say(CONNTRACK.replSrc, "--ctreplsrc …");
  say(CONNTRACK.replDst, "--ctrepldst …");
  say(CONNTRACK.origSrcPort, `--ctorigsrcport ${range(x.origSrcPort)}`);
  say(CONNTRACK.origDstPort, `--ctorigdstport ${range(x.origDstPort)}`);
  say(CONNTRACK.status, `--ctstatus ${status(x.status)}`);
  if (x.looks & CONNTRACK.direction) out.push(`--ctdir ${x.not & CONNTRACK.direction ? "REPLY" : "ORIGINAL"}`);
  return ["-m conntrack", ...out].join(" ");
};

const addressTypes = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
];
const types = (bits: number): string => addressTypes.filter((_, i) => bits & (1 << i)).join(",");

const addrtype = (x: Extract<XtMatch, { is: "addrtype" }>): string =>
  [
    "-m addrtype",
    ...(x.src ? [not(x.notSrc, `--src-type ${types(x.src)}`)] : []),
    ...(x.dst ? [not(x.notDst, `--dst-type ${types(x.dst)}`)] : []),
    ...(x.limit ? [`--limit-iface-${x.limit}`] : []),
  ].join(" ");

const rates = [
  ["day", 864_000_000],
  ["hour", 36_000_000],
  ["min", 600_000],
  ["sec", 10_000],
] as const;

/** Ten-thousandths of a second between two packets, in the largest unit of time that says it. */
const rate = (period: number): string => {
  let i = 1;
  while (i < rates.length && period <= rates[i]![1] && rates[i]![1] / period >= rates[i]![1] % period) i++;
  const [name, whole] = rates[i - 1]!;
  return `${Math.floor(whole / period)}/${name}`;
};

const packetTypes: readonly string[] = ["unicast", "broadcast", "multicast"];

const physdev = (x: Extract<XtMatch, { is: "physdev" }>): string => {
  const say = (bit: number, text: string): string[] => (x.bits & bit ? [not((x.not & bit) !== 0, text)] : []);
  return [
    "-m physdev",
    ...say(8, "--physdev-is-in"),
    ...say(1, `--physdev-in ${x.in}`),
    ...say(16, "--physdev-is-out"),
    ...say(2, `--physdev-out ${x.out}`),
    ...say(4, "--physdev-is-bridged"),
  ].join(" ");
};

const rpfilter = (n: number): string =>
  ["-m rpfilter", ...["--loose", "--validmark", "--accept-local", "--invert"].filter((_, i) => n & (1 << i))].join(" ");

export const matchText = (x: XtMatch, ipsets: ReadonlyMap<number, IpSet>): string => {
  switch (x.is) {
    case "comment":
      return `-m comment --comment ${quoted(x.text)}`;
    case "tcp":
      return [
        "-m tcp",
        ...portsText(x),
        ...(x.option ? [not(x.option.not, `--tcp-option ${x.option.kind}`)] : []),
        ...(x.flags ? [flagsText(x.flags.mask, x.flags.value, x.flags.not)] : []),
      ].join(" ");
    case "udp":
    case "udplite":
      return [`-m ${x.is}`, ...portsText(x)].join(" ");
    case "icmp":
    case "icmp6": {
      const option = x.is === "icmp" ? "--icmp-type" : "--icmpv6-type";
      const { from, to } = x.codes;
      const type = x.type === 255 ? "any" : from === 0 && to === 255 ? String(x.type) : `${x.type}/${from}`;
      return `-m ${x.is} ${not(x.not, `${option} ${type}`)}`;
    }
    case "multiport":
      return `-m multiport ${not(x.not, `--${{ src: "sports", dst: "dports", either: "ports" }[x.which]} ${x.ranges.map(range).join(",")}`)}`;
    case "state":
      return `-m state ${not(x.not, `--state ${states(x.states)}`)}`;
    case "conntrack":
      return conntrack(x);
    case "mark":
    case "connmark":
      return `-m ${x.is} ${not(x.not, `--mark ${hexOf(x.mark)}${x.mask === 0xffffffff ? "" : `/${hexOf(x.mask)}`}`)}`;
    case "addrtype":
      return addrtype(x);
    case "set":
      return `-m set ${not(x.not, `--match-set ${ipsets.get(x.index)?.name ?? `#${x.index}`} ${x.sides.join(",")}`)}`;
    case "pkttype":
      return `-m pkttype ${not(x.not, `--pkt-type ${packetTypes[x.type] ?? x.type}`)}`;
    case "iprange":
      return [
        "-m iprange",
        ...(x.src ? [not(x.src.not, `--src-range ${x.src.from}-${x.src.to}`)] : []),
        ...(x.dst ? [not(x.dst.not, `--dst-range ${x.dst.from}-${x.dst.to}`)] : []),
      ].join(" ");
    case "physdev":
      return physdev(x);
    case "rpfilter":
      return rpfilter(x.flags);
    case "limit":
      return `-m limit --limit ${rate(x.average)}${x.burst === 5 ? "" : ` --limit-burst ${x.burst}`}`;
    case "owner":
      return "-m owner …";
    default:
      return `-m ${x.name} …`;
  }
};

const rejections: { readonly [F in 4 | 6]: readonly (string | undefined)[] } = {
  4: [
    "icmp-net-unreachable",
    "icmp-host-unreachable",
    "icmp-proto-unreachable",
    "icmp-port-unreachable",
    undefined,
    "icmp-net-prohibited",
    "icmp-host-prohibited",
    "tcp-reset",
    "icmp-admin-prohibited",
  ],
  6: [
    "icmp6-no-route",
    "icmp6-adm-prohibited",
    undefined,
    "icmp6-addr-unreachable",
    "icmp6-port-unreachable",
    undefined,
    "tcp-reset",
    "icmp6-policy-fail",
    "icmp6-reject-route",
  ],
};

const natText = (r: NatRange, family: 4 | 6): string => {
  const ports = r.ports ? (r.ports.from === r.ports.to ? `${r.ports.from}` : `${r.ports.from}-${r.ports.to}`) : "";
  if (!r.from || !r.to) return ports && `:${ports}`;
  const [from, to] = [ipFromBytes(r.from), ipFromBytes(r.to)];
  const host = from === to ? from : `${from}-${to}`;
  if (ports === "") return host;
  return `${family === 6 ? `[${host}]` : host}:${ports}`;
};

/** NF_NAT_RANGE_PROTO_RANDOM, _PERSISTENT, _PROTO_RANDOM_FULLY. */
const natFlags = (n: number): string =>
  `${n & 4 ? " --random" : ""}${n & 16 ? " --random-fully" : ""}${n & 8 ? " --persistent" : ""}`;

const ports = (r: NatRange): string =>
  r.ports ? ` --to-ports ${r.ports.from === r.ports.to ? r.ports.from : `${r.ports.from}-${r.ports.to}`}` : "";

const marks = (mark: number, mask: number): string => `--set-xmark ${hexOf(mark)}/${hexOf(mask)}`;

const connmark = (x: Extract<XtTarget, { is: "connmark" }>): string =>
  x.mode === "set" ? marks(x.mark, x.mask) : `--${x.mode}-mark --nfmask ${hexOf(x.nfmask)} --ctmask ${hexOf(x.mask)}`;

export const targetText = (x: XtTarget, family: 4 | 6): string => {
  switch (x.is) {
    case "reject":
      return `-j REJECT --reject-with ${rejections[family][x.with] ?? x.with}`;
    case "mark":
      return `-j MARK ${marks(x.mark, x.mask)}`;
    case "connmark":
      return `-j CONNMARK ${connmark(x)}`;
    case "ct":
      return x.notrack ? "-j CT --notrack" : "-j CT …";
    case "dnat":
      return `-j DNAT --to-destination ${natText(x.range, family)}${natFlags(x.range.flags)}`;
    case "snat":
      return `-j SNAT --to-source ${natText(x.range, family)}${natFlags(x.range.flags)}`;
    case "redirect":
      return `-j REDIRECT${ports(x.range)}${natFlags(x.range.flags)}`;
    case "masquerade":
      return `-j MASQUERADE${ports(x.range)}${natFlags(x.range.flags)}`;
    case "netmap":
      return "-j NETMAP …";
    case "queue":
      return `-j NFQUEUE --queue-num ${x.queue}${x.bypass ? " --queue-bypass" : ""}`;
    case "log":
      return `-j LOG${x.prefix === "" ? "" : ` --log-prefix ${quoted(x.prefix)}`}`;
    default:
      return `-j ${x.name} …`;
  }
};
