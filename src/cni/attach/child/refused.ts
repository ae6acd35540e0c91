/** The kernel's no to a link on a master, in words: its own are an errno that stands for several reasons. */
import { FaultError } from "../../../base/fault.ts";
import { badConfig } from "../../../base/json-read.ts";
import { macvlanModes } from "../../../kernel/codec/link-kinds/macvlan.ts";
import type { Probe } from "../../../kernel/probe/answer.ts";
import { dummyProbe } from "../../../kernel/probe/dummy.ts";
import { ipvlanProbe } from "../../../kernel/probe/ipvlan.ts";
import { macvlanProbe } from "../../../kernel/probe/macvlan.ts";
import { vlanProbe } from "../../../kernel/probe/vlan.ts";
import type { Kernel } from "../../../net/kernel.ts";
import { findLinkByIndex, type Link, listLinks } from "../../../net/links.ts";
import type { Request } from "../../spec/types.ts";
import { needOfKernel } from "../status.ts";
import type { ChildConfig, ChildKind } from "./config.ts";
import type { Master } from "./master.ts";

export const probes: Readonly<Record<ChildKind, Probe>> = {
  macvlan: macvlanProbe,
  ipvlan: ipvlanProbe,
  vlan: vlanProbe,
  dummy: dummyProbe,
};

/** What to throw for what the kernel said when the link was to be made. @throws FaultError unavailable */
export const refused = (error: unknown, kernel: Kernel, r: Request<ChildConfig>, master?: Master): unknown => {
  if (!(error instanceof FaultError) || error.fault.kind !== "kernel") return error;
  const { info } = r.config;
  const { errno } = error.fault;
  if (errno === "EOPNOTSUPP") needOfKernel(probes[info.kind]);
  if (!master) return error;
  if (errno === "EEXIST" && info.kind === "vlan")
    return takenVlan(kernel, r.config, master) ?? oneForEach(master, info);
  if (errno === "EBUSY") return busyMaster(kernel, info.kind, master, error);
  if (errno === "EINVAL" && master.mac?.length !== ethernet)
    return badConfig("master", `${master.name} is no Ethernet interface, so it carries no ${info.kind}`);
  if (errno === "EINVAL" && info.kind === "macvlan") return notAlone(info.data?.mode, master, error);
  return error;
};

/** Length of an Ethernet address in text. */
const ethernet = "02:00:00:00:00:00".length;

/** 802.1Q, which the config has no word for, and 802.1ad are VLANs of their own. */
const dot1q = 0x8100;

/** The VLAN's link when it is to be seen on this host: a master has one for each VLAN. */
export const takenVlan = (kernel: Kernel, { info }: ChildConfig, master: Master): FaultError | undefined => {
  if (info.kind !== "vlan") return undefined;
  const isThis = (l: Link): boolean => {
    const data = l.info?.kind === "vlan" && "data" in l.info ? l.info.data : undefined;
    return l.peer === master.index && data?.id === info.data?.id && (data?.protocol ?? dot1q) === dot1q;
  };
  const there = listLinks(kernel.open(master.netns)).find(isThis);
  return there && oneForEach(master, info, there.name);
};

const oneForEach = (
  master: Master,
  info: Extract<ChildConfig["info"], { kind: "vlan" }>,
  name = "in another namespace",
): FaultError =>
  new FaultError({
    kind: "exists",
    what: `VLAN ${info.data?.id} of ${master.name}`,
    why: `has its link already (${name}), and a master has one for each VLAN: a second pod cannot be in it this way`,
    fix: `make that link on the host, and name it as "master" of macvlan or ipvlan`,
  });

const busyMaster = (kernel: Kernel, kind: ChildKind, master: Master, cause: unknown): FaultError => {
  const bridge = master.master === undefined ? undefined : findLinkByIndex(kernel.open(master.netns), master.master);
  const why = bridge
    ? `belongs to ${bridge.name}, which takes all its frames`
    : `carries links of another kind than ${kind}, and can carry one kind`;
  return new FaultError(
    {
      kind: "exists",
      what: `master ${master.name}`,
      why,
      fix: bridge ? `name ${bridge.name} as "master"` : `ip -d link show dev ${master.name}`,
    },
    cause,
  );
};

const notAlone = (mode: number | undefined, master: Master, cause: FaultError): FaultError =>
  new FaultError(
    {
      kind: "exists",
      what: `master ${master.name}`,
      why:
        mode === macvlanModes.passthru
          ? "carries a macvlan link already, and passthru wants it alone"
          : "carries a macvlan link of mode passthru, which has it alone",
      fix: 'choose another "master", or DEL the attachment that has it',
    },
    cause,
  );
