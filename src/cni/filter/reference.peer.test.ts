/** DEL by ours of what the reference's plugins have added: `iptables-save` and `nft` say what is left. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../base/json-types.ts";
import type { TestNetns } from "../../kernel/testing/netns.ts";
import { countingKernel } from "../testing/failing-kernel.ts";
import { type Answer, type Call, type Stage, withStage } from "../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(120_000);

/** Rules and chains, without dates and counters. */
const saved = (host: TestNetns): string =>
  host
    .sh("{ iptables-save; ip6tables-save; nft list ruleset; } 2>&1")
    .replace(/^#.*$|\[\d+:\d+\]|packets \d+ bytes \d+/gm, "");

type Plugin = "bridge" | "ptp" | "portmap" | "firewall";
const ranges = [[{ subnet: "10.1.2.0/24" }], [{ subnet: "fd00:1::/64" }]];
const portMappings = [
  { hostPort: 8080, containerPort: 80, protocol: "tcp" },
  { hostPort: 53, containerPort: 53, protocol: "udp", hostIP: "127.0.0.1" },
];
const confs = (s: Stage, main: "bridge" | "ptp"): readonly (JsonObject & { readonly type: Plugin })[] => {
  const base = { cniVersion: "1.0.0", name: "net1" };
  const ipam = { type: "host-local", dataDir: s.dataDir, ranges };
  const more = main === "bridge" ? { bridge: "br0", isGateway: true, macspoofchk: true } : {};
  return [
    { ...base, type: main, ipMasq: true, ipam, ...more },
    { ...base, type: "portmap", runtimeConfig: { portMappings } },
    { ...base, type: "firewall" },
  ];
};

interface Added {
  readonly call: Call;
  readonly prevResult: JsonObject;
}

/** A chain of the reference's. */
const addTheirs = (s: Stage, main: "bridge" | "ptp", call: Call, port = 8080): Added => {
  let prevResult: JsonObject | undefined;
  for (const conf of confs(s, main)) {
    const own = {
      ...conf,
      runtimeConfig: { portMappings: portMappings.map((m) => ({ ...m, hostPort: m.hostPort + port })) },
    };
    const { exit, json } = s.reference("ADD", { ...own, ...(prevResult && { prevResult }) }, call);
    expect({ exit, json }).toMatchObject({ exit: 0 });
    prevResult = json;
  }
  return { call, prevResult: prevResult ?? {} };
};

type Del = (s: Stage, conf: JsonObject, call: Call) => Answer | Promise<Answer>;
const ours: Del = (s, conf, call) => s.call("DEL", conf, call);
const theirs: Del = (s, conf, call) => s.reference("DEL", conf, call);

const del = async (s: Stage, main: "bridge" | "ptp", { call, prevResult }: Added, by: Del, prev = true) => {
  for (const conf of confs(s, main).toReversed())
    expect(await by(s, { ...conf, ...(prev && { prevResult }) }, call)).toMatchObject({ exit: 0 });
};

for (const main of ["bridge", "ptp"] as const)
  describe(`after the reference's ${main}, portmap and firewall`, () => {
    test("our DEL leaves what theirs leaves, and their other pods everything", () =>
      withStage(async (s) => {
        addTheirs(s, main, { pod: s.pod(), containerId: "stays" }, 1);
        const before = saved(s.host);
        for (const by of [theirs, ours]) {
          const added = addTheirs(s, main, { pod: s.pod(), containerId: "goes" }, 2);
          expect(saved(s.host)).not.toBe(before);
          await del(s, main, added, by);
          expect(saved(s.host)).toBe(before);
          // Twice, and nothing is there to be found.
          if (by === ours) await del(s, main, added, by);
          expect(saved(s.host)).toBe(before);
        }
      }));

    test("without a network namespace and a result, too, but for rules that name nobody", () =>
      withStage(async (s) => {
        addTheirs(s, main, { pod: s.pod(), containerId: "stays" }, 1);
        const before = saved(s.host);
        const { prevResult } = addTheirs(s, main, { pod: s.pod(), containerId: "goes" }, 2);
        await del(s, main, { call: { netns: "", containerId: "goes" }, prevResult: {} }, ours, false);
        const left = saved(s.host)
          .split("\n")
          .filter((line) => !before.includes(line));
        const addresses = (prevResult.ips as { address: string }[]).map((ip) => ip.address.replace(/\/.*/, ""));
        expect(left.filter((line) => !addresses.some((a) => line.includes(a)))).toEqual([]);
        expect(left.filter((line) => line.startsWith("-A") && !line.startsWith("-A CNI-FORWARD"))).toEqual([]);
      }));
  });

test("of two interfaces of a container in one network each keeps its masquerading till its own DEL", () =>
  withStage(async (s) => {
    const [conf] = confs(s, "bridge");
    const pod = s.pod();
    const add = (ifname: string) => s.reference("ADD", { ...conf, macspoofchk: false }, { pod, ifname });
    const [first, second] = [add("eth0"), add("eth1")];
    expect([first.exit, second.exit]).toEqual([0, 0]);
    const rules = () => s.host.sh("iptables -t nat -S POSTROUTING | grep -c 'CNI-' || true").trim();
    expect(rules()).toBe("2");
    await s.call("DEL", { ...conf, prevResult: first.json }, { pod });
    expect([rules(), s.host.sh("iptables -t nat -S | grep -c '^-N CNI-' || true").trim()]).toEqual(["1", "1"]);
    await s.call("DEL", { ...conf, prevResult: second.json }, { pod, ifname: "eth1" });
    expect([rules(), s.host.sh("iptables -t nat -S | grep -c '^-N CNI-' || true").trim()]).toEqual(["0", "0"]);
  }));

test("rules that a person has put beside the reference's stay", () =>
  withStage(async (s) => {
    const added = addTheirs(s, "bridge", { pod: s.pod() });
    const [address] = (added.prevResult.ips as { address: string }[]).map((ip) => ip.address.replace(/\/.*/, ""));
    s.host.sh(`iptables -A CNI-FORWARD -s ${address} -p tcp -j ACCEPT; iptables -A CNI-FORWARD -s ${address} -j DROP
      iptables -A CNI-FORWARD -d ${address} -j ACCEPT; iptables -t nat -A POSTROUTING -s ${address} -j ACCEPT`);
    const mine = s.host.sh(`iptables -S CNI-FORWARD | tail -n 3; iptables -t nat -S POSTROUTING | tail -n 1`);
    await del(s, "bridge", added, ours);
    expect(s.host.sh(`iptables -S CNI-FORWARD | grep ${address}; iptables -t nat -S POSTROUTING | tail -n 1`)).toBe(
      mine,
    );
  }));

test("a DEL whose n-th operation fails is made good by the next", () =>
  withStage(async (s) => {
    addTheirs(s, "bridge", { pod: s.pod(), containerId: "stays" }, 1);
    const before = saved(s.host);
    for (const place of [0, 1, 2])
      for (let n = 1; ; n++) {
        const added = addTheirs(s, "bridge", { pod: s.pod(), containerId: "goes" }, 2);
        const conf = { ...confs(s, "bridge")[place], prevResult: added.prevResult };
        const { exit } = await s.call("DEL", conf, added.call, countingKernel(s.kernel, n).kernel);
        await del(s, "bridge", added, ours);
        expect({ place, n, seen: saved(s.host) }).toEqual({ place, n, seen: before });
        if (exit === 0) break;
      }
  }));

test("what newer releases of the reference keep in tables of their own goes by its comment", () =>
  withStage(async (s) => {
    // As `nft list` shows them: hashes of network, and of interface and container; the container alone.
    const hash = (text: string): string => s.host.sh(`printf %s '${text}' | sha512sum | cut -c 1-16`).trim();
    const comment = (id: string): string => `${hash("net1")}-${hash(`eth0:${id}`)}, net: net1, if: eth0, id: ${id}`;
    const rules = (id: string, last: number): string =>
      `add rule inet cni_plugins_masquerade masq_checks ip saddr 10.1.2.${last} ip daddr != 10.1.2.0/24 masquerade comment "${comment(id)}"
       add rule ip cni_hostport hostports tcp dport 80${last} dnat to 10.1.2.${last}:80 comment "${id}"
       add rule ip cni_hostport masquerading ip saddr 10.1.2.${last} ip daddr 10.1.2.${last} masquerade comment "${id}"`;
    s.host.sh(`nft -f - <<'END'
      table inet cni_plugins_masquerade { chain masq_checks { }; chain postrouting { type nat hook postrouting priority 100; goto masq_checks; }; }
      table ip cni_hostport { chain hostports { }; chain masquerading { type nat hook postrouting priority 100; }; }
      ${rules("stays", 2)}\nEND`);
    const before = saved(s.host);
    s.host.sh(`nft -f - <<'END'\n${rules("goes", 3)}\nEND`);
    const [bridge, portmap] = confs(s, "bridge");
    for (const conf of [portmap, bridge])
      expect(await s.call("DEL", conf ?? {}, { netns: "", containerId: "goes" })).toMatchObject({ exit: 0 });
    expect(saved(s.host)).toBe(before);
  }));
