/** ADD: find the veth, make the queues, tell of the devices. A failure takes back all that was made. */
import { FaultError, joinFaults } from "../../../base/fault.ts";
import { tcPlaces } from "../../../kernel/codec/route/tc.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { type Link, needLinkFace } from "../../../net/links.ts";
import { findQdisc } from "../../../net/tc/qdiscs.ts";
import { needPrevResult } from "../../attach/refusals.ts";
import { Journal } from "../../journal.ts";
import type { Ports } from "../../plugin.ts";
import type { Request, Result, ResultInterface } from "../../spec/types.ts";
import { frameOf } from "./bucket.ts";
import type { BandwidthConfig } from "./config.ts";
import { ifbName } from "./names.ts";
import { planWay, throughIfb, waysOf } from "./plan.ts";
import { findPort } from "./port.ts";

type R = Request<BandwidthConfig>;

/** @throws FaultError, with the host as it was before */
export const add = async (r: R, { kernel, log }: Ports): Promise<Result> => {
  const prev = needPrevResult(r);
  const ways = waysOf(r.config);
  if (ways.length === 0) return prev;
  const port = findPort(kernel, r, prev);
  const journal = new Journal(kernel);
  try {
    const made: ResultInterface[] = [];
    for (const { way, limit } of ways) {
      const frame = frameOf(port.mtu);
      if (limit.burst < frame)
        log(`${way}Burst of ${limit.burst} bytes holds no frame of ${port.name}: taken as ${frame}`);
      if (throughIfb(r.config, way)) refuseHook(kernel, port, way === "ingress");
      journal.run(planWay(r.config, way, limit, r, port));
      if (throughIfb(r.config, way)) made.push(interfaceOf(kernel, ifbName(r, way)));
    }
    return { ...prev, interfaces: [...prev.interfaces, ...made] };
  } catch (error) {
    const failed = journal.takeBack();
    throw failed.length > 0 ? joinFaults([error, ...failed]) : inTheWay(error, port);
  }
};

const interfaceOf = (kernel: Kernel, name: string): ResultInterface => {
  const { mtu, mac } = needLinkFace(kernel.host, name);
  return { name, mtu, ...(mac && { mac }) };
};

/** An `ingress` qdisc sees nothing of what goes to the pod. @throws FaultError exists */
const refuseHook = (kernel: Kernel, port: Link, bothWays: boolean): void => {
  if (!bothWays || findQdisc(kernel.host, port.index, tcPlaces.clsact)?.info.kind !== "ingress") return;
  throw new FaultError({
    kind: "exists",
    what: `qdisc ingress on ${port.name}`,
    why: "is there, and only a clsact in its place sees what the pod receives, which the subnets are about",
    fix: `tc qdisc replace dev ${port.name} clsact, or leave the subnets out`,
  });
};

/** Says what is in the way, in place of the kernel's "file exists". */
const inTheWay = (error: unknown, port: Link): unknown => {
  if (!(error instanceof FaultError && error.fault.kind === "kernel" && error.fault.errno === "EEXIST")) return error;
  const { op } = error.fault;
  const ifb = /^ip link add name (\S+)/.exec(op)?.[1];
  return new FaultError({
    kind: "exists",
    what: ifb ? `link ${ifb}` : `qdisc of ${port.name}`,
    why: ifb
      ? "is there already: this attachment has its limit, or was not taken away"
      : "another one is there already",
    fix: ifb ? `ip link del dev ${ifb}` : `tc qdisc del dev ${port.name} root`,
  });
};
