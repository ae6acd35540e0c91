/**
 * B1: nodes that share what should be theirs alone, grouped: a machine that was cloned shares several things at once, and
 * they are to be mended in this order.
 */
import type { Finding, Fix } from "../check.ts";
import type { Identity } from "../identity.ts";
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
    fix: { command: "rm /etc/ssh/ssh_host_*_key* && ssh-keygen -A && systemctl restart ssh", survivesReboot: true },
  },
  {
    what: "cloud-init instance-id",
    outcome: "warn",
    of: ({ instanceId }) => one(instanceId),
    want: "one for each machine: until then what cloud-init does once is not done on the copies",
    fix: { command: "cloud-init clean --reboot", survivesReboot: true },
  },
];

const shared = (nodes: readonly NodeFacts[], of: Trait["of"]): [string, string[]][] => {
  const owners = new Map<string, string[]>();
  for (const { node, identity } of nodes)
    for (const value of new Set(of(identity))) owners.set(value, [...(owners.get(value) ?? []), node]);
  return [...owners].filter(([, who]) => who.length > 1);
};

export const clonesCheck: BetweenCheck = {
  id: "B1",
  name: "clones",
  area: "identity",
  severity: "fail",
  title: "every node is a machine of its own",
  why: "copies of one machine take each other's address, name and traffic: a second node replaces the first, half the packets are lost",
  run: (nodes) => {
    const found = traits.flatMap(({ what, outcome, of, want, fix }) =>
      shared(nodes, of).map(
        ([value, who]): Finding => ({
          outcome,
          subject: who.join(", "),
          seen: `the same ${what} ${value}`,
          want,
          ...(fix ? { fix } : {}),
        }),
      ),
    );
    return found.length > 0 ? found : [{ outcome: "ok", seen: `${nodes.length} nodes, nothing shared` }];
  },
};
