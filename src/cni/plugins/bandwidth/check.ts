/** CHECK: everything that ADD would make is there, and as ADD would make it; all differences at once. */
import { joinFaults } from "../../../base/fault.ts";
import { parseMac } from "../../../base/mac.ts";
import { tcPlaces } from "../../../kernel/codec/route/tc.ts";
import { fqCodelProbe } from "../../../kernel/probe/fq-codel.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLink, type Link } from "../../../net/links.ts";
import { render } from "../../../net/plan/render.ts";
import type { Step } from "../../../net/plan/step.ts";
import { listQdiscs, type Qdisc } from "../../../net/tc/qdiscs.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Findings } from "../../findings.ts";
import { markOf } from "../../mark.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result } from "../../spec/types.ts";
import { checkFilters } from "./check-filters.ts";
import { checkQdisc } from "./check-qdisc.ts";
import type { BandwidthConfig } from "./config.ts";
import { ifbName, type Way } from "./names.ts";
import { planWay, throughIfb, waysOf } from "./plan.ts";
import { findPort } from "./port.ts";

type R = Request<BandwidthConfig>;
/** The qdisc at a place of a device. */
type Places = (link: number, parent: number) => Qdisc | undefined;
type QdiscStep = Step<"qdisc.add">;

/** @throws FaultError differs, not-found, bad-config */
export const check = async (r: R, { kernel }: Ports): Promise<void> => {
  const prev = needPrevResult(r);
  const ways = waysOf(r.config);
  if (ways.length === 0) return;
  const found = new Findings();
  const port = findPort(kernel, r, prev);
  const all = listQdiscs(kernel.host);
  const at: Places = (link, parent) => all.find((q) => q.link === link && q.parent === parent);
  for (const { way, limit } of ways) {
    const steps = planWay(r.config, way, limit, r, port);
    const ifb = throughIfb(r.config, way) ? checkIfb(kernel, r, prev, way, steps, found) : undefined;
    const on = ifb ?? (throughIfb(r.config, way) ? undefined : port);
    const qdiscs = steps.filter((s): s is QdiscStep => s.do === "qdisc.add");
    if (on) for (const step of qdiscs.filter((s) => s.qdisc.link === on.name)) checkQueue(at, on, step, found);
    if (ifb) checkHook(kernel, at, port, steps, ifb, found);
  }
  if (found.errors.length > 0) throw joinFaults(found.errors);
};

const checkIfb = (
  kernel: Kernel,
  r: R,
  prev: Result,
  way: Way,
  steps: readonly Step[],
  found: Findings,
): Link | undefined => {
  const name = ifbName(r, way);
  const ifb = findLink(kernel.host, name);
  const mac = prev.interfaces.find((x) => !x.sandbox && x.name === name)?.mac;
  if (!ifb) found.gone(`link ${name}`, makeAgain(steps, mac));
  if (!ifb) return undefined;
  found.same(`kind of ${name}`, ifb.kind ?? "a plain device", "ifb");
  found.up(ifb, "");
  const mark = markOf(r);
  if (ifb.alias !== mark)
    found.differs(`alias of ${name}`, ifb.alias ?? "none", mark, `ip link set dev ${name} alias '${mark}'`);
  found.same(`MAC of ${name}`, ifb.mac, mac);
  return ifb;
};

/** The device and all that hangs on it. The filters are there still, and lead nowhere. */
const makeAgain = (steps: readonly Step[], mac: string | undefined): string => {
  const numbers = new Set<string>();
  const filters: string[] = [];
  const rest: string[] = [];
  for (const step of steps)
    if (step.do === "filter.add") {
      const { link, parent, protocol, prio } = step.filter;
      numbers.add(render({ do: "filter.del", in: "", filter: { link, parent, protocol, prio } }));
      filters.push(render(step));
    } else if (step.do === "link.add") {
      // Its mark follows in the same breath, and `ip` takes no group of 32 bits.
      const { group: _, ...link } = step.link;
      rest.push(render({ ...step, link: { ...link, ...(mac !== undefined && { mac: parseMac(mac) }) } }));
    } else if (step.do === "link.set" || (step.do === "qdisc.add" && !step.orExists && !isLeftOut(step)))
      rest.push(render(step));
  return [...rest, ...numbers, ...filters].join(" && ");
};

const isLeftOut = (step: QdiscStep): boolean => step.orUnknown === true && fqCodelProbe.ask().is === "no";

/** Without fq_codel in the kernel the bucket has a queue that the kernel does not tell of. */
const checkQueue = (at: Places, on: Link, step: QdiscStep, found: Findings): void => {
  const there = at(on.index, step.qdisc.parent);
  if (!there && isLeftOut(step)) return;
  // What hangs on a bucket that is gone is gone with it, which is told once.
  if (!there && step.orUnknown && at(on.index, tcPlaces.root)?.info.kind !== "tbf") return;
  checkQdisc(step, there, found);
};

const checkHook = (
  kernel: Kernel,
  at: Places,
  port: Link,
  steps: readonly Step[],
  ifb: Link,
  found: Findings,
): void => {
  const hook = at(port.index, tcPlaces.clsact);
  const filters = steps.filter((s): s is Step<"filter.add"> => s.do === "filter.add");
  if (hook) checkFilters(kernel, port, filters, ifb, found);
  else {
    const again = steps.filter((s) => s.do === "filter.add" || (s.do === "qdisc.add" && s.qdisc.link === port.name));
    found.gone(`qdisc clsact on ${port.name}`, again.map(render).join(" && "));
  }
};
