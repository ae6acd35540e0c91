/** CHECK: every attribute and sysctl is still what ADD made it, and the way back is there. All differences at once. */
import { joinFaults } from "../../../base/fault.ts";
import { sysctlName } from "../../../base/sysctl-name.ts";
import type { Netns } from "../../../net/kernel.ts";
import { findLink } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { linkBefore } from "../../../net/undo.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { parseBackup, type Values } from "./backup.ts";
import type { LinkTuning, TuningConfig } from "./config.ts";
import { placeOf, sysctlsOf } from "./plan.ts";
import type { Store } from "./store.ts";
import { lookAt, spaced } from "./sysctls.ts";

type R = Request<TuningConfig>;

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: R, { kernel }: Ports, store: Store): Promise<void> => {
  const prev = needPrevResult(r);
  const ns = kernel.open(r.netns);
  const found = new Findings();
  const text = store.read(r);
  checkLink(r, prev, ns, found);
  checkSysctls(r, ns, (text === undefined ? undefined : parseBackup(text)?.reads) ?? {}, found);
  checkFile(r, store.path(r), text, found);
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

const words = {
  mac: "MAC",
  mtu: "mtu",
  promisc: "promisc",
  allmulti: "allmulticast",
  txqlen: "txqueuelen",
} as const satisfies Record<keyof LinkTuning, string>;

const checkLink = (r: R, prev: Result, ns: Netns, found: Findings): void => {
  const wanted = lasting(r.config.link, r, prev);
  if (Object.keys(wanted).length === 0) return;
  if (!findLink(ns, r.ifname)) {
    found.gone(`${r.ifname} in ${r.netns}`);
    return;
  }
  const there = linkBefore(ns, r.ifname, wanted);
  for (const key of Object.keys(wanted) as (keyof LinkTuning)[]) {
    if (there[key] === wanted[key]) continue;
    const fix = render({ do: "link.set", in: r.netns, name: r.ifname, set: { [key]: wanted[key] } });
    found.differs(`${words[key]} of ${r.ifname} in the pod`, shown(there[key]), shown(wanted[key]), fix);
  }
};

/** As `ip` shows it. */
const shown = (value: LinkTuning[keyof LinkTuning]): string =>
  typeof value === "boolean" ? (value ? "on" : "off") : String(value ?? "none");

/** A plugin after this one may have changed MAC and MTU again: the last result tells. */
const lasting = (link: LinkTuning, r: R, prev: Result): LinkTuning => {
  const told = prev.interfaces[placeOf(prev, r)];
  return {
    ...link,
    ...(link.mac && told?.mac && { mac: told.mac.toLowerCase() as typeof link.mac }),
    ...(link.mtu && told?.mtu && { mtu: told.mtu }),
  };
};

const checkSysctls = (r: R, ns: Netns, reads: Values, found: Findings): void => {
  for (const { name, value } of sysctlsOf(r.config, r.ifname)) {
    const seen = lookAt(ns, name);
    const want = reads[name] ?? value;
    if (seen.is === "missing") found.gone(`sysctl ${sysctlName(name)} in ${r.netns}`);
    else if (seen.is === "value" && spaced(seen.text) !== spaced(want))
      found.differs(
        sysctlName(name),
        spaced(seen.text),
        spaced(want),
        render({ do: "sysctl.set", in: r.netns, name, value }),
      );
  }
};

/** Without it DEL puts nothing back. The reference writes none for sysctls alone. */
const checkFile = (r: R, path: string, text: string | undefined, found: Findings): void => {
  const fix = "DEL the attachment and ADD it again";
  const backup = text === undefined ? undefined : parseBackup(text);
  if (text === undefined) {
    if (Object.keys(r.config.link).length > 0) found.gone(`${path}, by which DEL puts the former values back`, fix);
  } else if (!backup) found.differs(path, "damaged", "the former values, by which DEL puts them back", fix);
  else if (backup.network !== undefined && backup.network !== r.network)
    found.differs(path, `of network ${backup.network}`, `of network ${r.network}`, fix);
};
