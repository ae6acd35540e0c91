/** Flows beside `conntrack -L`; a query is narrowed by the kernel. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { withNetns } from "../kernel/testing/netns.ts";
import { flushFlows, listFlows } from "./conntrack.ts";
import { openKernel } from "./kernel.ts";

setDefaultTimeout(60_000);

const udp = 17;

test("flows of both families, those of a query alone, and forgotten", () =>
  withNetns(async (ns) => {
    ns.sh(`ip link set lo up
      nft 'add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c ct state new accept'
      for port in 1001 1002 1003; do echo x > /dev/null; bash -c "echo x > /dev/udp/127.0.0.1/$port"; done
      bash -c 'echo x > /dev/udp/::1/1001'`);
    using kernel = openKernel();
    const host = kernel.open(ns.path);
    const flows = listFlows(host).filter((f) => f.protocol === udp);
    const lines = ns.sh("conntrack -L -p udp 2>/dev/null; conntrack -L -f ipv6 -p udp 2>/dev/null").trim().split("\n");
    const told = new Set(
      lines.map((line) => /dst=(\S+) sport=(\d+) dport=(\d+)/.exec(line)?.slice(1).join(" ") ?? line),
    );
    expect(new Set(flows.map(({ orig }) => `${orig.daddr} ${orig.sport} ${orig.dport}`))).toEqual(told);
    expect(told.size).toBe(4);
    const dports = (query: Parameters<typeof listFlows>[1]) =>
      listFlows(host, query).map((f) => `${f.orig.daddr} ${f.orig.dport}`);
    expect(dports({ family: 4, protocol: udp, dport: 1002 })).toEqual(["127.0.0.1 1002"]);
    expect(dports({ family: 6, protocol: udp, dport: 1001 })).toEqual(["::1 1001"]);
    expect(
      dports({ family: 4, protocol: udp, replySaddr: flows.find((f) => f.orig.dport === 1003)!.reply.saddr }).length,
    ).toBe(3);
    expect(dports({ family: 4, protocol: 6 })).toEqual([]);
    expect(flushFlows(host, { family: 4, protocol: udp, dport: 1001 }, () => true)).toBe(1);
    expect(ns.sh("conntrack -L -f ipv4 -p udp --dport 1001 2>/dev/null")).toBe("");
    expect(ns.sh("conntrack -L -f ipv4 -p udp --dport 1002 2>/dev/null")).not.toBe("");
  }));
