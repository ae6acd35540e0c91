/** Which of firewalld's zones incoming packets meet, as its files and NetworkManager's have it. */
import { expect, test } from "bun:test";
import { parseCidr } from "../../../base/cidr.ts";
import { firewalld } from "../managers/firewalld.ts";
import type { Opening } from "../openings.ts";
import { around } from "../testing/around.ts";
import { readXml } from "../xml.ts";
import { readZone, readZones, zoneOfCard } from "./zones.ts";

const lib = "/usr/lib/firewalld/zones";
const etc = "/etc/firewalld/zones";
const xml = (inside: string, attributes = ""): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<zone${attributes}>\n  <short>Some &amp; more</short>\n${inside}</zone>\n`;
const packaged = {
  [`${lib}/public.xml`]: xml('<service name="ssh"/><forward/>'),
  [`${lib}/trusted.xml`]: xml("<forward/>", ' target="ACCEPT"'),
  [`${lib}/internal.xml`]: xml('<service name="ssh"/>'),
};

const zoneOf = (files: Record<string, string>): string => {
  const host = around({ files: { ...packaged, ...files } });
  const { zone, because } = zoneOfCard(host, readZones(host), host.cards[0]!);
  return `${zone.name}, ${because}`;
};

test("the default zone, as firewalld or its configuration has it", () => {
  expect(zoneOf({})).toBe("public, the default zone");
  const conf = "# comment\n  DefaultZone = internal \nLogDenied=off\n";
  expect(zoneOf({ "/etc/firewalld/firewalld.conf": conf })).toBe("internal, the default zone");
});

test("a zone that the card is bound to; an administrator's file hides the packaged one", () => {
  expect(zoneOf({ [`${etc}/internal.xml`]: xml("<interface name='eth0'/>") })).toBe("internal, by zones/internal.xml");
  expect(zoneOf({ [`${etc}/internal.xml`]: xml('<!-- <interface name="eth0"/> -->') })).toBe(
    "public, the default zone",
  );
  const hidden = { [`${lib}/public.xml`]: xml('<interface name="eth0"/>'), [`${etc}/public.xml`]: xml("") };
  expect(zoneOf({ ...hidden, "/etc/firewalld/firewalld.conf": "DefaultZone=internal" })).toBe(
    "internal, the default zone",
  );
});

test("NetworkManager's word goes before: by the active connection, or the one for the card's name", () => {
  const connection = (lines: string): string => `[connection]\nid=wired\n${lines}\n[ethernet]\n`;
  const named = connection("interface-name=eth0\nzone=internal");
  expect(zoneOf({ "/etc/NetworkManager/system-connections/wired.nmconnection": named })).toBe(
    "internal, by its NetworkManager connection",
  );
  const active = {
    "/run/NetworkManager/devices/2": "[device]\nconnection-uuid=u2\n",
    "/etc/NetworkManager/system-connections/a.nmconnection": connection("uuid=u1\nzone=internal"),
    "/run/NetworkManager/system-connections/b.nmconnection": connection("uuid=u2\nzone=trusted"),
  };
  expect(zoneOf(active)).toBe("trusted, by its NetworkManager connection");
  const empty = connection("interface-name=eth0\nzone=");
  expect(zoneOf({ "/etc/NetworkManager/system-connections/w": empty })).toBe("public, the default zone");
  expect(zoneOf({ "/etc/sysconfig/network-scripts/ifcfg-eth0": 'DEVICE=eth0\nZONE="internal"\n' })).toBe(
    "internal, by its NetworkManager connection",
  );
});

test("a zone is open by its target, and trusted is even without a file", () => {
  const open = (files: Record<string, string>, name: string): boolean => readZone(around({ files }), name).open;
  expect(open(packaged, "trusted")).toBe(true);
  expect(open(packaged, "public")).toBe(false);
  expect(open({}, "trusted")).toBe(true);
  expect(open({ [`${etc}/trusted.xml`]: xml("") }, "trusted")).toBe(false);
});

const api: Opening = { to: "node", id: "api", protocol: "tcp", ports: [6443, 6443], families: [4] };
const near: Opening = { ...api, id: "etcd", ports: [2379, 2379], from: parseCidr("10.0.0.0/24") };
const pods: Opening = { to: "pods", id: "pods", pods: parseCidr("10.244.0.0/16"), families: [4] };
const planned = (files: Record<string, string>, cards = ["eth0"], openings: readonly Opening[] = [api, near, pods]) => {
  const { changes, notes } = firewalld.plan(openings, around({ files: { ...packaged, ...files }, cards }));
  const running = changes.filter(({ line }) => !line.includes("--permanent"));
  return { notes, lines: running.map(({ line }) => line.slice(1).join(" ")), changes };
};
const rich = 'rich-rule=rule family="ipv4" source address="10.0.0.0/24" port port="2379" protocol="tcp" accept';

test("rules go to every zone that a card's packets meet, once", () => {
  const files = { [`${etc}/internal.xml`]: xml('<interface name="eth1"/><interface name="eth2"/>') };
  expect(planned(files, ["eth0", "eth1", "eth2"]).lines).toEqual([
    "--zone=public --add-port=6443/tcp",
    "--zone=internal --add-port=6443/tcp",
    `--zone=public --add-${rich}`,
    `--zone=internal --add-${rich}`,
    "--zone=trusted --add-source=10.244.0.0/16",
  ]);
});

test("a source goes before a card: its zone gets the rule, and one that lets everything in needs none", () => {
  const trusted = planned({ [`${etc}/trusted.xml`]: xml('<source address="10.0.0.0/16"/>', ' target="ACCEPT"') });
  expect(trusted.lines).toEqual(["--zone=public --add-port=6443/tcp", "--zone=trusted --add-source=10.244.0.0/16"]);
  expect(trusted.notes.join()).toContain("10.0.0.0/24 is a source of firewalld's zone trusted");
  const internal = planned({ [`${etc}/internal.xml`]: xml('<source address="10.0.0.0/24"/>') });
  expect(internal.lines[1]).toBe(`--zone=internal --add-${rich}`);
  const part = planned({ [`${etc}/internal.xml`]: xml('<source address="10.0.0.7"/>') });
  expect(part.lines.slice(1, 3)).toEqual([`--zone=public --add-${rich}`, `--zone=internal --add-${rich}`]);
});

test("a card in a zone that lets everything in needs no rule", () => {
  const files = { [`${etc}/trusted.xml`]: xml('<interface name="eth0"/>', ' target="ACCEPT"') };
  expect(planned(files).lines).toEqual(["--zone=trusted --add-source=10.244.0.0/16"]);
});

test("pods that are a source of another zone are told, and not moved", () => {
  const { lines, notes } = planned(
    { [`${etc}/internal.xml`]: xml('<source address="10.244.0.0/16"/>') },
    ["eth0"],
    [pods],
  );
  expect(lines).toEqual([]);
  expect(notes.join()).toContain("firewall-cmd --permanent --zone=trusted --change-source=10.244.0.0/16");
});

test("what the zone's file lets in already holds for good: exactly that, and not something like it", () => {
  const holds = (inside: string, attributes = ""): (boolean | string)[] =>
    planned({ [`${etc}/public.xml`]: xml(inside, attributes) }, ["eth0"], [api, near]).changes.map(({ holds: is }) =>
      typeof is === "function" ? is() : "asked",
    );
  const rule = '<rule family="ipv4"><source address="10.0.0.0/24"/><port port="2379" protocol="tcp"/><accept/></rule>';
  expect(holds('<port protocol="tcp" port="6443"/>')).toEqual(["asked", true, "asked", false]);
  expect(holds(rule)).toEqual(["asked", false, "asked", true]);
  expect(holds(rule.replace("<accept/>", "<log/><accept/>"))).toEqual(["asked", false, "asked", false]);
  expect(holds(rule.replace("<accept/>", "<drop/>"))).toEqual(["asked", false, "asked", false]);
  expect(holds(rule.replace('family="ipv4"', 'family="ipv4" priority="5"'))).toEqual(["asked", false, "asked", false]);
  expect(holds('<port protocol="udp" port="6443"/>')).toEqual(["asked", false, "asked", false]);
});

test("XML as people leave it is read as far as it goes", () => {
  expect(readXml("")).toEqual([]);
  expect(readXml("no xml at all < > & </zone>")).toEqual([]);
  expect(readXml('<zone a="1 &lt; 2"\n b=\'"\'><x/><!-- <y/> --><![CDATA[<z/>]]>')).toEqual([
    { name: "zone", attributes: { a: "1 < 2", b: '"' }, children: [{ name: "x", attributes: {}, children: [] }] },
  ]);
  expect(readXml("<a><b><c/></a><d/>").map((e) => e.name)).toEqual(["a", "d"]);
});
