/** Every manager's own words for every kind of opening. */
import { expect, test } from "bun:test";
import { parseCidr } from "../../../base/cidr.ts";
import type { ManagerName } from "../manager.ts";
import type { InputOpening, Opening } from "../openings.ts";
import type { Surroundings } from "../surroundings.ts";
import { around, chain } from "../testing/around.ts";
import { shellLine } from "../words.ts";
import { plainLines } from "./iptables.ts";
import { managers } from "./registry.ts";

const four = parseCidr("10.0.0.0/24");
const six = parseCidr("fd00::/64");
const input = (o: Pick<InputOpening, "id" | "protocol" | "ports"> & Partial<InputOpening>): Opening => ({
  to: "node",
  families: [4],
  ...o,
});
const tcp = { id: "api", protocol: "tcp", ports: [6443, 6443] } as const;
const range = { id: "node-ports", protocol: "tcp", ports: [30000, 32767] } as const;
const udp = { id: "vxlan", protocol: "udp", ports: [8472, 8472] } as const;
const ipip = { id: "ipip", protocol: "ip", ports: [4, 4] } as const;

const openings = {
  tcp: input(tcp),
  both: input({ ...tcp, families: [4, 6] }),
  range: input(range),
  udp4: input({ ...udp, from: four }),
  udp6: input({ ...udp, from: six, families: [6] }),
  ip: input({ ...ipip, from: four }),
  pods4: { to: "pods", id: "pods", pods: parseCidr("10.244.0.0/16"), families: [4] },
  pods6: { to: "pods", id: "pods", pods: parseCidr("fd00:244::/56"), families: [6] },
} as const satisfies Record<string, Opening>;

const told = (name: ManagerName, host: Surroundings): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(openings).map(([kind, o]) => {
      const { changes } = managers.find((m) => m.name === name)!.plan([o], host);
      return [kind, changes.map(({ line }) => shellLine(line))];
    }),
  );

const iptables = (name: string): Record<string, string[]> => ({
  tcp: [`${name} -w -I INPUT -p tcp --dport 6443 -m comment --comment 'podwire: api' -j ACCEPT`],
  both: [
    `${name} -w -I INPUT -p tcp --dport 6443 -m comment --comment 'podwire: api' -j ACCEPT`,
    `${name.replace("ip", "ip6")} -w -I INPUT -p tcp --dport 6443 -m comment --comment 'podwire: api' -j ACCEPT`,
  ],
  range: [`${name} -w -I INPUT -p tcp --dport 30000:32767 -m comment --comment 'podwire: node-ports' -j ACCEPT`],
  udp4: [
    `${name} -w -I INPUT -s 10.0.0.0/24 -p udp --dport 8472 -m comment --comment 'podwire: vxlan from 10.0.0.0/24' -j ACCEPT`,
  ],
  udp6: [
    `${name.replace("ip", "ip6")} -w -I INPUT -s fd00::/64 -p udp --dport 8472 -m comment --comment 'podwire: vxlan from fd00::/64' -j ACCEPT`,
  ],
  ip: [`${name} -w -I INPUT -s 10.0.0.0/24 -p 4 -m comment --comment 'podwire: ipip from 10.0.0.0/24' -j ACCEPT`],
  pods4: [
    `${name} -w -I FORWARD -s 10.244.0.0/16 -m comment --comment 'podwire: pods' -j ACCEPT`,
    `${name} -w -I FORWARD -d 10.244.0.0/16 -m comment --comment 'podwire: pods' -j ACCEPT`,
  ],
  pods6: [
    `${name.replace("ip", "ip6")} -w -I FORWARD -s fd00:244::/56 -m comment --comment 'podwire: pods' -j ACCEPT`,
    `${name.replace("ip", "ip6")} -w -I FORWARD -d fd00:244::/56 -m comment --comment 'podwire: pods' -j ACCEPT`,
  ],
});

for (const name of ["iptables-nft", "iptables-legacy"] as const)
  test(`${name}: at the top of INPUT and FORWARD`, () => {
    expect(told(name, around({ all: true }))).toEqual(iptables(name));
  });

test("as every tutorial has them: appended, without comment", () => {
  expect(plainLines([openings.tcp, openings.range, openings.udp6, openings.ip]).map(shellLine)).toEqual([
    "iptables -A INPUT -p tcp --dport 6443 -j ACCEPT",
    "iptables -A INPUT -p tcp --dport 30000:32767 -j ACCEPT",
    "ip6tables -A INPUT -s fd00::/64 -p udp --dport 8472 -j ACCEPT",
    "iptables -A INPUT -s 10.0.0.0/24 -p 4 -j ACCEPT",
  ]);
});

test("nftables: at the top of the chains that drop, each by its family", () => {
  const host = around({
    chains: [chain("inet mine in", "input"), chain("inet mine pass", "forward"), chain("ip6 other in", "input")],
  });
  const one = (line: string): string => `nft insert rule ${line}`;
  expect(told("nftables", host)).toEqual({
    tcp: [one(`inet mine in tcp dport 6443 accept comment '"podwire: api"'`)],
    both: [
      one(`inet mine in tcp dport 6443 accept comment '"podwire: api"'`),
      one(`ip6 other in tcp dport 6443 accept comment '"podwire: api"'`),
    ],
    range: [one(`inet mine in tcp dport 30000-32767 accept comment '"podwire: node-ports"'`)],
    udp4: [one(`inet mine in ip saddr 10.0.0.0/24 udp dport 8472 accept comment '"podwire: vxlan from 10.0.0.0/24"'`)],
    udp6: [
      one(`inet mine in ip6 saddr fd00::/64 udp dport 8472 accept comment '"podwire: vxlan from fd00::/64"'`),
      one(`ip6 other in ip6 saddr fd00::/64 udp dport 8472 accept comment '"podwire: vxlan from fd00::/64"'`),
    ],
    ip: [one(`inet mine in ip saddr 10.0.0.0/24 meta l4proto 4 accept comment '"podwire: ipip from 10.0.0.0/24"'`)],
    pods4: [
      one(`inet mine pass ip saddr 10.244.0.0/16 accept comment '"podwire: pods 1"'`),
      one(`inet mine pass ip daddr 10.244.0.0/16 accept comment '"podwire: pods 2"'`),
    ],
    pods6: [
      one(`inet mine pass ip6 saddr fd00:244::/56 accept comment '"podwire: pods 1"'`),
      one(`inet mine pass ip6 daddr fd00:244::/56 accept comment '"podwire: pods 2"'`),
    ],
  });
});

test("ufw: rules of its own, and a line by hand for what it has no word for", () => {
  const any = "podwire: pods";
  expect(told("ufw", around({}))).toEqual({
    tcp: ["ufw allow proto tcp from any to any port 6443 comment 'podwire: api'"],
    both: ["ufw allow proto tcp from any to any port 6443 comment 'podwire: api'"],
    range: ["ufw allow proto tcp from any to any port 30000:32767 comment 'podwire: node-ports'"],
    udp4: ["ufw allow proto udp from 10.0.0.0/24 to any port 8472 comment 'podwire: vxlan from 10.0.0.0/24'"],
    udp6: ["ufw allow proto udp from fd00::/64 to any port 8472 comment 'podwire: vxlan from fd00::/64'"],
    ip: [],
    pods4: [
      `ufw allow from 10.244.0.0/16 to any comment '${any}'`,
      `ufw route allow from 10.244.0.0/16 to any comment '${any}'`,
      `ufw route allow from any to 10.244.0.0/16 comment '${any}'`,
    ],
    pods6: [
      `ufw allow from fd00:244::/56 to any comment '${any}'`,
      `ufw route allow from fd00:244::/56 to any comment '${any}'`,
      `ufw route allow from any to fd00:244::/56 comment '${any}'`,
    ],
  });
  const { notes } = managers.find((m) => m.name === "ufw")!.plan([openings.ip], around({}));
  expect(notes.join()).toContain("-A ufw-before-input -p 4 -s 10.0.0.0/24 -j ACCEPT");
});

test("ufw that leaves IPv6 alone is told nothing of it, and says so", () => {
  const host = around({ files: { "/etc/default/ufw": "IPV6=no\n" } });
  const { changes, notes } = managers.find((m) => m.name === "ufw")!.plan([openings.udp6, openings.both], host);
  expect(changes.length).toBe(1);
  expect(notes).toEqual(["ufw does not rule IPv6 here (IPV6=no in /etc/default/ufw)"]);
});

test("firewalld: in the running firewall and for good, rich rules where a source is meant", () => {
  const twice = (words: string, zone = "public"): string[] =>
    ["", "--permanent "].map((when) => `firewall-cmd ${when}--zone=${zone} ${words}`);
  const rich = (rule: string): string[] => twice(`'--add-rich-rule=rule ${rule} accept'`);
  expect(told("firewalld", around({}))).toEqual({
    tcp: twice("--add-port=6443/tcp"),
    both: twice("--add-port=6443/tcp"),
    range: twice("--add-port=30000-32767/tcp"),
    udp4: rich('family="ipv4" source address="10.0.0.0/24" port port="8472" protocol="udp"'),
    udp6: rich('family="ipv6" source address="fd00::/64" port port="8472" protocol="udp"'),
    ip: rich('family="ipv4" source address="10.0.0.0/24" protocol value="4"'),
    pods4: twice("--add-source=10.244.0.0/16", "trusted"),
    pods6: twice("--add-source=fd00:244::/56", "trusted"),
  });
});

test("a chain that drops nothing is told nothing", () => {
  const accepting = chain("ip filter FORWARD", "forward", { policy: "accept", drops: false });
  const host = around({ chains: [chain("ip filter INPUT", "input"), accepting] });
  const seen = told("iptables-nft", host);
  expect(seen.tcp).toEqual(iptables("iptables-nft").tcp!);
  expect(seen.both).toEqual(iptables("iptables-nft").tcp!);
  expect(seen.pods4).toEqual([]);
});

test("the older iptables: FORWARD is told when it drops, as its own tables have it", () => {
  const quiet = { policy: "accept", drops: false } as const;
  const input = chain("ip filter INPUT", "input");
  const told4 = (older: ReturnType<typeof chain>): string[] =>
    told("iptables-legacy", around({ older: [input, older], chains: [] })).pods4!;
  expect(told4(chain("ip filter FORWARD", "forward", quiet))).toEqual([]);
  expect(told4(chain("ip filter FORWARD", "forward"))).toEqual(iptables("iptables-legacy").pods4!);
});

test("Docker's FORWARD: pods are let through in the chain that Docker leaves to others", () => {
  const docker = chain("ip filter DOCKER-USER", undefined, { drops: false });
  const host = around({ chains: [chain("ip filter FORWARD", "forward", { rules: 6 }), docker] });
  expect(told("iptables-nft", host).pods4).toEqual(
    iptables("iptables-nft").pods4!.map((line) => line.replace("FORWARD", "DOCKER-USER")),
  );
  expect(told("iptables-nft", host).tcp).toEqual([]);
});

test("every change has a way back that names nothing but itself", () => {
  const host = around({ all: true, chains: [chain("inet mine in", "input"), chain("inet mine pass", "forward")] });
  for (const { name, plan } of managers)
    for (const { line, undo } of plan(Object.values(openings), host).changes) {
      if (undo.kind === "nft-rule") expect(`${name} ${line.join(" ")}`).toContain(undo.comment);
      else expect(undo.run.join(" ")).toMatch(/ -D |--remove-| delete /);
    }
});
