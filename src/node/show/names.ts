/**
 * Numbers by the names that `ip` gives them: its own, then those of /etc/iproute2 (or, where a distribution keeps them
 * there, /usr/share/iproute2), which are read when a number has no name of its own.
 */
type Names = Readonly<Record<number, string>>;

const own = {
  /** Routing tables. */
  rt_tables: { 0: "unspec", 253: "default", 254: "main", 255: "local" },
  /** Who made a route or a rule (rtm_protocol). */
  rt_protos: {
    0: "unspec",
    1: "redirect",
    2: "kernel",
    3: "boot",
    4: "static",
    8: "gated",
    9: "ra",
    10: "mrt",
    11: "zebra",
    12: "bird",
    13: "dnrouted",
    14: "xorp",
    15: "ntk",
    16: "dhcp",
    18: "keepalived",
    42: "babel",
    186: "bgp",
    187: "isis",
    188: "ospf",
    189: "rip",
    192: "eigrp",
  },
  rt_scopes: { 0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere" },
  rt_addrprotos: { 0: "unspec", 1: "kernel_lo", 2: "kernel_ra", 3: "kernel_ll" },
  rt_realms: { 0: "unknown" },
  rt_dsfield: { 0: "0x00" },
  /** Groups of links. */
  group: { 0: "default" },
} as const satisfies Readonly<Record<string, Names>>;
export type NameList = keyof typeof own;

/** Lines such as `254 main` or `0x10 lowdelay`. */
const readNames = (text: string): [number, string][] =>
  text.split("\n").flatMap((line) => {
    const [, number, name] = /^\s*(0x[\da-f]+|\d+)\s+(\S+)/i.exec(line) ?? [];
    return number === undefined || name === undefined ? [] : [[Number(number), name] as [number, string]];
  });

const folders = ["/etc/iproute2", "/usr/share/iproute2", "/usr/lib/iproute2"];

/** Loaded when a name is looked up, which is rare, and the program starts often. */
const fs = () => process.getBuiltinModule("node:fs");

const filesOf = (list: NameList): string[] => {
  const { existsSync, readdirSync } = fs();
  const main = folders.map((folder) => `${folder}/${list}`).find(existsSync);
  const more = folders.toReversed().flatMap((folder) => {
    const dir = `${folder}/${list}.d`;
    if (!existsSync(dir)) return [];
    return readdirSync(dir).flatMap((name) => (/^[^.].*\.conf$/.test(name) ? `${dir}/${name}` : []));
  });
  return [...(main === undefined ? [] : [main]), ...more];
};

const read = new Map<NameList, ReadonlyMap<number, string>>();
const fromFiles = (list: NameList): ReadonlyMap<number, string> => {
  let names = read.get(list);
  if (!names) {
    names = new Map(filesOf(list).flatMap((file) => readNames(fs().readFileSync(file, "utf8"))));
    read.set(list, names);
  }
  return names;
};

/** The name of a number; undefined when it has none. */
export const nameIn = (list: NameList, number: number): string | undefined =>
  (own[list] as Names)[number] ?? fromFiles(list).get(number);

/** The name, or the number as it is. */
export const named = (list: NameList, number: number): string => nameIn(list, number) ?? String(number);

/** The number of a name, or of a number in digits; undefined when it is neither. */
export const numberIn = (list: NameList, text: string): number | undefined => {
  if (/^(0x[\da-f]+|\d+)$/i.test(text)) return Number(text);
  const found = Object.entries(own[list] as Names).find(([, name]) => name === text)?.[0];
  return found === undefined ? [...fromFiles(list)].find(([, name]) => name === text)?.[0] : Number(found);
};

/** Every name that a list has. */
export const namesIn = (list: NameList): string[] => [
  ...Object.values(own[list] as Names),
  ...fromFiles(list).values(),
];

/** RTN_* by number. */
export const routeTypes = [
  "none",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;
