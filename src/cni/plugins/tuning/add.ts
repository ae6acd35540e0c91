/** ADD: look, write down what there is, change it. A failure takes back all of it, the file too. */
import { cidrFamily, cidrText } from "../../../base/cidr.ts";
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { badConfig } from "../../../base/json-read.ts";
import type { Netns } from "../../../net/kernel.ts";
import { linkBefore } from "../../../net/undo.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Journal } from "../../journal.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { type Backup, backupText, parseBackup, type Values } from "./backup.ts";
import type { Sysctl, TuningConfig } from "./config.ts";
import { type Former, placeOf, planTuning, sysctlsOf, tunedResult } from "./plan.ts";
import type { Store } from "./store.ts";
import { lookAt, spaced } from "./sysctls.ts";

type R = Request<TuningConfig>;

/** @throws FaultError, with pod and files as they were before */
export const add = async (r: R, { kernel }: Ports, store: Store): Promise<Result> => {
  const prev = needPrevResult(r);
  const { link } = r.config;
  keepIpv6(r, prev);
  const sysctls = sysctlsOf(r.config, r.ifname);
  if (isEmpty(link) && sysctls.length === 0) return prev;
  const ns = kernel.open(r.netns);
  const look = (): Former => ({
    link: isEmpty(link) ? {} : linkBefore(ns, r.ifname, link),
    sysctls: readFormer(ns, sysctls),
  });
  const former = look();
  const journal = new Journal(kernel);
  try {
    const { backup, joined } = keep(r, store, former, (back) =>
      journal.add(() => {
        if (isSame(look(), former)) back();
        return [];
      }),
    );
    journal.run(planTuning(r, link, sysctls, former));
    const reads = readBack(ns, sysctls, joined);
    if (!isEmpty(reads)) store.write(r, backupText({ ...backup, reads: { ...backup.reads, ...reads } }));
  } catch (error) {
    const failed = journal.takeBack();
    throw failed.length > 0 ? joinFaults([error, ...failed]) : error;
  }
  return tunedResult(prev, r, link);
};

const isEmpty = (x: object): boolean => Object.keys(x).length === 0;
const isSame = (a: Former, b: Former): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The kernel has no IPv6 on a link of a smaller MTU (RFC 8200), and takes the addresses off without a word. */
const keepIpv6 = (r: R, prev: Result): void => {
  const { mtu } = r.config.link;
  if (mtu === undefined || mtu >= ipv6MinMtu) return;
  const ours = placeOf(prev, r);
  const lost = prev.ips.find((ip) => cidrFamily(ip.address) === 6 && (ip.interface ?? ours) === ours);
  if (!lost) return;
  const why = `is ${mtu}, and below ${ipv6MinMtu} ${r.ifname} would lose its address ${cidrText(lost.address)}`;
  throw badConfig("mtu", why);
};
const ipv6MinMtu = 1280;

/** @throws FaultError not-found */
const readFormer = (ns: Netns, sysctls: readonly Sysctl[]): Values => {
  const values: Record<string, string> = {};
  for (const { name } of sysctls) {
    const seen = lookAt(ns, name);
    if (seen.is === "missing")
      throw new FaultError({
        kind: "not-found",
        what: `sysctl ${name}`,
        why: `there is none of that name in ${ns.path}`,
        fix: name.startsWith("net/bridge/") ? "modprobe br_netfilter" : `nsenter --net=${ns.path} sysctl -a`,
      });
    if (seen.is === "value") values[name] = seen.text;
  }
  return values;
};

/**
 * Writes the file before anything changes. `joined`: an earlier `tuning` of the same chain has begun it. `undo` is told
 * the way back, to be taken when all else is as it was: until then DEL needs the file.
 */
const keep = (r: R, store: Store, former: Former, undo: (back: () => void) => void) => {
  const was = store.read(r);
  const there = was === undefined ? undefined : parseBackup(was);
  // One of another network or namespace is what a DEL that never came has left.
  const earlier = there?.network === r.network && there.netns === r.netns ? there : undefined;
  const backup: Backup = {
    link: { ...former.link, ...earlier?.link },
    // What was first is what is put back.
    sysctls: { ...earlier?.sysctls, ...former.sysctls, ...earlier?.sysctls },
    reads: { ...earlier?.reads },
    network: r.network,
    netns: r.netns,
  };
  undo(() => (was === undefined ? store.remove(r) : store.write(r, was)));
  store.write(r, backupText(backup));
  return { backup, joined: earlier !== undefined };
};

/**
 * What CHECK is to find where it is not the config's own words: the kernel has its spelling of some values, and the last
 * `tuning` of a chain is right about what an earlier one has set too.
 */
const readBack = (ns: Netns, sysctls: readonly Sysctl[], joined: boolean): Values => {
  const reads: Record<string, string> = {};
  for (const { name, value } of sysctls) {
    const seen = lookAt(ns, name);
    if (seen.is === "value" && (joined || spaced(seen.text) !== spaced(value))) reads[name] = seen.text;
  }
  return reads;
};
