/** Our JSON beside that of `ip`: what it says we must say, word for word; what we say more must be known to be newer. */

/** Fields that `ip` has had since after Debian 12's 6.1; another version may lack or have them. */
const newer = new Set([
  "netns-immutable",
  "fdb_n_learned",
  "fdb_max_learned",
  "gso_ipv4_max_size",
  "gro_ipv4_max_size",
  "allmulti",
  "tso_max_size",
  "tso_max_segs",
  "gro_max_size",
  "parentbus",
  "parentdev",
  "mcast_vlan_snooping",
  "inner_proto_inherit",
]);
/** What tells times, which run on between two looks. */
const running = /_timer$|^(preferred|valid)_life_time$|^expires$/;

/** What `ip -d` asks for by further requests, and we do not: a nexthop object's own settings. */
const elsewhere = new Set(["nh_info"]);

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

/** One line for each difference. */
export const differences = (ours: unknown, theirs: unknown, at = ""): string[] => {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length) return [`${at}: ${ours.length} of ${theirs.length}`];
    return theirs.flatMap((x, i) => differences(ours[i], x, `${at}[${i}]`));
  }
  if (isObject(theirs) && isObject(ours)) {
    const lacking = Object.entries(theirs).flatMap(([key, x]) =>
      elsewhere.has(key)
        ? []
        : key in ours
          ? running.test(key)
            ? []
            : differences(ours[key], x, `${at}.${key}`)
          : [`${at}.${key}: lacks ${JSON.stringify(x)}`],
    );
    const isNewer = (key: string): boolean => newer.has(key) || (key === "protocol" && at.includes("addr_info"));
    const more = Object.keys(ours).filter((key) => !(key in theirs) && !isNewer(key));
    return [...lacking, ...more.map((key) => `${at}.${key}: says ${JSON.stringify(ours[key])}, ip says nothing`)];
  }
  return Object.is(ours, theirs) ? [] : [`${at}: ${JSON.stringify(ours)}, ip says ${JSON.stringify(theirs)}`];
};

/** `ip -j` prints an empty object for what a filter leaves out. */
export const ipJson = (text: string): unknown[] =>
  text.trim() === "" ? [] : (JSON.parse(text) as object[]).filter((x) => Object.keys(x).length > 0);
