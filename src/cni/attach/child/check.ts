/** CHECK: the link is there and as ADD made it; each difference is named, all of them at once. */
import { joinFaults } from "../../../base/fault.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, findLinkByIndex, type Link, type LinkChange } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { renderKind } from "../../../net/plan/render-kind.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, ResultInterface } from "../../spec/types.ts";
import { checkPod, partOf, podInterface } from "../check-pod.ts";
import { needPrevResult } from "../refusals.ts";
import type { ChildConfig, ChildInfo } from "./config.ts";
import { isDown, lowerIndexes, masterNetns } from "./master.ts";

type R = Request<ChildConfig>;

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: R, { kernel, delegate }: Ports): Promise<void> => {
  const prev = needPrevResult(r);
  const told = podInterface(prev, r);
  const found = new Findings();
  const link = findLink(kernel.open(r.netns), r.ifname);
  checkMaster(kernel, r, link, found);
  if (!link) found.gone(`${r.ifname} in ${r.netns}`);
  else {
    checkLink(r, link, told, found);
    checkPod(kernel, r, partOf(prev, told), link, found);
  }
  const { ipam } = r.config;
  if (ipam !== undefined) await delegate.check(ipam, r).catch((error: unknown) => found.errors.push(error));
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

const checkLink = (r: R, link: Link, told: ResultInterface, found: Findings): void => {
  const { info } = r.config;
  const what = `${r.ifname} in the pod`;
  const mtu = told.mtu ?? r.config.mtu;
  found.same(`kind of ${what}`, link.kind ?? "a plain device", info.kind);
  if (link.kind === info.kind) checkInfo(r, link, found);
  found.same(`MAC of ${what}`, link.mac, told.mac);
  if (mtu !== undefined && link.mtu !== mtu)
    found.differs(`mtu of ${what}`, String(link.mtu), String(mtu), setLine(r, { mtu }));
  if (!link.up) found.differs(`link ${what}`, "down", "up", setLine(r, { up: true }));
};

/** The line that sets it; with nothing to set, how such a line begins. */
const setLine = ({ netns, ifname }: R, set: LinkChange): string =>
  render({ do: "link.set", in: netns, name: ifname, set });

/** The master is there and up, and it is what the link hangs on. When the config does not name it, any will do. */
const checkMaster = (kernel: Kernel, r: R, link: Link | undefined, found: Findings): void => {
  const { below, info } = r.config;
  if (!below) return;
  const netns = masterNetns(below, r.netns);
  const ns = kernel.open(netns);
  const isChild = link?.kind === info.kind;
  const name = below.master;
  const master =
    name !== undefined
      ? findLink(ns, name)
      : isChild && link.peer !== undefined
        ? findLinkByIndex(ns, link.peer)
        : undefined;
  if (!master) {
    if (name !== undefined) found.gone(`master ${name}`);
    return;
  }
  if (!master.up) found.errors.push(isDown({ ...master, netns }));
  if (!isChild || name === undefined) return;
  const elsewhere = (link.peerNetnsid === undefined) !== below.inContainer;
  if (!lowerIndexes(master, r.config).includes(link.peer) || elsewhere)
    found.differs(`master of ${r.ifname} in the pod`, masterWords(ns, link, elsewhere), name);
};

const masterWords = (ns: Parameters<typeof findLink>[0], link: Link, elsewhere: boolean): string => {
  if (elsewhere) return link.peerNetnsid === undefined ? "in the pod" : "outside the pod";
  return (link.peer === undefined ? undefined : findLinkByIndex(ns, link.peer)?.name) ?? `link ${link.peer ?? "none"}`;
};

/** The kind's settings, each told by the word that `ip` has for it. */
const checkInfo = (r: R, link: Link, found: Findings): void => {
  const { info } = r.config;
  const seen = valuesOf(link.info && "data" in link.info ? link.info.data : undefined);
  for (const [key, want] of Object.entries(valuesOf("data" in info ? info.data : undefined))) {
    if (seen[key] === want) continue;
    const wanted = words(info, key, want);
    const [word = key, value = String(want)] = wanted.split(" ");
    const is = seen[key] === undefined ? "none" : (words(info, key, seen[key]).split(" ")[1] ?? String(seen[key]));
    const fix = `${setLine(r, {})} type ${info.kind} ${wanted}`;
    found.differs(`${word} of ${r.ifname} in the pod`, is, value, info.kind === "vlan" ? undefined : fix);
  }
};

const valuesOf = (data: object | undefined): Record<string, number> =>
  Object.fromEntries(Object.entries(data ?? {}).filter(([, v]) => typeof v === "number"));

const words = ({ kind }: ChildInfo, key: string, value: number): string =>
  renderKind({ info: { kind, data: { [key]: value } } as ChildInfo });
