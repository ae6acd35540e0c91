/**
 * B1: nodes that share what should be theirs alone, grouped: a machine that was cloned shares several things at once, and
 * they are to be mended in this order.
 */
import type { Finding, Fix } from "../check.ts";
import type { Identity } from "../identity.ts";
import { persistentMac } from "../reads/persistent-mac.ts";
import type { BetweenCheck, NodeFacts } from "./between.ts";

interface Trait {
  readonly what: string;
  readonly outcome: "fail" | "warn";
  readonly of: (identity: Identity) => readonly string[];
  readonly want: string;
  readonly fix?: Fix;
}

const one = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

/** In the order in which they are mended: the later ones are made anew from, or after, the earlier ones. */
const traits: readonly Trait[] = [
  {
    what: "MAC address",
    outcome: "fail",
    of: ({ macs }) => macs.map(({ mac }) => mac),
    want: "one of its own for each card: give the machine a new card in the hypervisor, all copies but one",
  },
  {
    what: "product UUID",
    outcome: "warn",
    of: ({ productUuid }) => one(productUuid),
    want: "one for each machine: have the hypervisor make a new one, all copies but one",
  },
  {
    what: "machine-id",
    outcome: "fail",
    of: ({ machineId }) => one(machineId),
    want: "one for each machine, on all copies but one",
    fix: {
      command: "rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup && reboot",
      survivesReboot: true,
    },
  },
  {
    what: "host name",
    outcome: "fail",
    of: ({ hostname }) => [hostname],
    want: "one for each node",
    fix: { command: "hostnamectl set-hostname NAME", survivesReboot: true },
  },
  {
    what: "address",
    outcome: "fail",
    of: ({ addresses }) => addresses,
    want: "one of its own for each node; by DHCP it follows the machine-id and the MAC address",
  },
  {
    what: "SSH host key",
    outcome: "warn",
    of: ({ sshHostKeys }) => sshHostKeys,
    want: "keys of its own for each machine, on all copies but one",
    fix: {
      command: "rm /etc/ssh/ssh_host_*_key* && ssh-keygen -A && { systemctl restart ssh || systemctl restart sshd; }",
      survivesReboot: true,
    },
  },
  {
    what: "cloud-init instance-id",
    outcome: "warn",
    of: ({ instanceId }) => one(instanceId),
    want: "one for each machine: until then what cloud-init does once is not done on the copies",
    fix: { command: "cloud-init clean --reboot", survivesReboot: true },
  },
];

/** A trait, its value, and the nodes that have it. */
interface Shared {
  readonly trait: Trait;
  readonly value: string;
  readonly who: readonly string[];
}

const sharedOf = (nodes: readonly NodeFacts[]): Shared[] =>
  traits.flatMap((trait) => {
    const owners = new Map<string, string[]>();
    for (const { node, identity } of nodes)
      for (const value of new Set(trait.of(identity))) owners.set(value, [...(owners.get(value) ?? []), node]);
    return [...owners].filter(([, who]) => who.length > 1).map(([value, who]) => ({ trait, value, who }));
  });

/** By the nodes that share, in the order in which traits are mended. */
const groupsOf = (all: readonly Shared[]): Shared[][] => [...Map.groupBy(all, ({ who }) => who.join(", ")).values()];

/** Links of software's making to which systemd gives a MAC by the machine-id. */
const virtual = ["flannel.1", "vxlan.calico"];

const predicted = ({ trait, value }: Shared): string => {
  if (trait.what !== "machine-id") return "";
  const macs = virtual.map((name) => [name, persistentMac(value, name)]).filter(([, mac]) => mac !== undefined);
  return macs.length === 0
    ? ""
    : ` (so systemd gives ${macs.map(([name, mac]) => `${name} ${mac}`).join(" and ")} on each)`;
};

/** The traits' lines, one after the other; the reboot that several want comes once, and last. */
const together = (group: readonly Shared[]): Fix | undefined => {
  const lines = group.map(({ trait }) => trait.fix?.command).filter((line) => line !== undefined);
  if (lines.length === 0) return undefined;
  const reboot = / && reboot$/;
  const once = lines.map((line) => line.replace(reboot, ""));
  const ends = lines.some((line) => reboot.test(line)) && !lines.some((line) => line.endsWith("--reboot"));
  return { command: [...new Set(once), ...(ends ? ["reboot"] : [])].join(" && "), survivesReboot: true };
};

const findingOf = (group: readonly Shared[]): Finding => {
  const who = group[0]!.who;
  const fix = together(group);
  const copies = who.slice(1).join(" and ");
  const hypervisor = group.filter(({ trait }) => trait.fix === undefined).map(({ trait }) => trait.what);
  const [only] = group;
  const want =
    group.length === 1
      ? only!.trait.want
      : [
          ...(hypervisor.length > 0
            ? [`first other ${hypervisor.join(" and ")} from the hypervisor for ${copies}`]
            : []),
          ...(fix ? [`${hypervisor.length > 0 ? "then" : "of its own for each:"} the line below on ${copies}`] : []),
        ].join(", ");
  return {
    outcome: group.some(({ trait }) => trait.outcome === "fail") ? "fail" : "warn",
    subject: who.join(", "),
    seen: `the same ${group.map((one) => `${one.trait.what} ${one.value}${predicted(one)}`).join(", ")}`,
    want,
    ...(fix ? { fix } : {}),
  };
};

export const clonesCheck: BetweenCheck = {
  id: "B1",
  name: "clones",
  area: "identity",
  severity: "fail",
  title: "every node is a machine of its own",
  why: "copies of one machine take each other's address, name and traffic: a second node replaces the first, half the packets are lost",
  run: (nodes) => {
    const found = groupsOf(sharedOf(nodes)).map(findingOf);
    return found.length > 0 ? found : [{ outcome: "ok", seen: `${nodes.length} nodes, nothing shared` }];
  },
};
