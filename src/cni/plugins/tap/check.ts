/** CHECK: the device is still there and as ADD made it; each difference is named, all of them at once. */
import { joinFaults } from "../../../base/fault.ts";
import { tunTypes } from "../../../kernel/codec/link-kinds/tun.ts";
import type { Netns } from "../../../net/kernel.ts";
import { findLink, type Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import { checkPod, partOf, podInterface } from "../../attach/check-pod.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, ResultInterface } from "../../spec/types.ts";
import type { TapConfig } from "./parse.ts";

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: Request<TapConfig>, { kernel, delegate }: Ports): Promise<void> => {
  const { ipam } = r.config;
  const prev = needPrevResult(r);
  const told = podInterface(prev, r);
  const found = new Findings();
  const pod = kernel.open(r.netns);
  const link = findLink(pod, r.ifname);
  if (!link) found.gone(`${r.ifname} in ${r.netns}`);
  else {
    checkDevice(r, link, told, found);
    checkMaster(pod, r.config, link, found);
    checkPod(kernel, r, partOf(prev, told), link, found);
  }
  if (ipam !== undefined) await delegate.check(ipam, r).catch((error: unknown) => found.errors.push(error));
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

const checkDevice = (
  { config: c, netns }: Request<TapConfig>,
  link: Link,
  told: ResultInterface,
  found: Findings,
): void => {
  const { name } = link;
  const data = link.info?.kind === "tun" && "data" in link.info ? link.info.data : undefined;
  if (data?.type !== tunTypes.tap)
    found.differs(`kind of ${name}`, data ? "tun" : (link.kind ?? "a plain device"), "tap");
  else {
    found.same(`owner of ${name}`, data.owner, c.owner);
    found.same(`group of ${name}`, data.group, c.group);
    found.same(`multi_queue of ${name}`, data.multiQueue === 1, c.multiQueue);
    found.same(`persist of ${name}`, data.persist === 1, true);
  }
  found.same(`MAC of ${name}`, link.mac, told.mac);
  found.same(`mtu of ${name}`, link.mtu, told.mtu ?? c.mtu);
  found.up(link, netns);
};

const checkMaster = (pod: Netns, { bridge: name }: TapConfig, link: Link, found: Findings): void => {
  if (name === undefined) return;
  const bridge = findLink(pod, name);
  if (!bridge) found.gone(`bridge ${name} in ${pod.path}`);
  else if (link.master !== bridge.index)
    found.differs(
      `master of ${link.name}`,
      link.master === undefined ? "none" : `link ${link.master}`,
      name,
      render({ do: "link.set", in: pod.path, name: link.name, set: { master: name } }),
    );
};
