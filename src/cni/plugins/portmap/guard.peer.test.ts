/** The guard of loopback addresses against packets that no chain for new connections sees. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { must, sys } from "../../../kernel/os/syscall.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { withStage } from "../../testing/stage.ts";
import { ask, serve } from "../../testing/talk.ts";
import { attach, http, map, mapped } from "./testing/pods.ts";

setDefaultTimeout(120_000);

const bytes = (...parts: readonly (number | readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());
const short = (n: number): number[] => [n >> 8, n & 255];
const mac = (text: string): number[] => text.split(":").map((x) => Number.parseInt(x, 16));

/** A frame with a datagram from the second pod to 127.0.0.1 (RFC 791, RFC 768, without UDP's checksum). */
const forged = (from: string, to: string, port: number): Uint8Array => {
  const head = bytes(0x45, 0, short(29), 0, 0, 0, 0, 64, 17, 0, 0, [10, 1, 2, 3], [127, 0, 0, 1]);
  let sum = 0;
  for (let i = 0; i < head.length; i += 2) sum += (head[i]! << 8) | head[i + 1]!;
  head.set(short(~((sum & 0xffff) + (sum >> 16)) & 0xffff), 10);
  return bytes(mac(to), mac(from), short(0x0800), [...head], short(port), short(port), short(9), 0, 0, 120);
};

/** AF_PACKET: past the pod's own stack, which would not send it. */
const sendFrame = (ns: TestNetns, index: number, frame: Uint8Array, enter: (act: () => void) => void): void =>
  enter(() => {
    const fd = must(sys("socket", 17, 3, 0), `open packet socket in ${ns.name}`);
    const address = new Uint8Array(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, 17, true);
    view.setInt32(4, index, true);
    must(sys("sendto", fd, frame, frame.length, 0, address, address.length), "send frame");
    sys("close", fd);
  });

test("a packet that conntrack does not know does not get past the guard", () =>
  withStage(async (s) => {
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    await map(s, a, mapped([http]));
    // As the node's DNS cache has it: no chain of NAT sees these.
    s.host.sh(`ip link set lo up; nft 'table inet seen {
      chain raw { type filter hook prerouting priority raw; udp dport 9999 notrack; }
      chain input { type filter hook input priority 0; iifname "br0" ip daddr 127.0.0.1 counter; }; }'`);
    using _all = await serve(s.host, "tcp", 9998, "all", "0.0.0.0");
    const link = (ns: TestNetns, name: string) =>
      ns.ipJson(`link show ${name}`)[0] as { address: string; ifindex: number };
    const [eth0, br0] = [link(b.pod, "eth0"), link(s.host, "br0")];
    const arrived = (): number => {
      sendFrame(b.pod, eth0.ifindex, forged(eth0.address, br0.address, 9999), s.kernel.open(b.pod.path).enter);
      // On the same wire after it: once this is answered, it has passed.
      expect(ask(b.pod, "tcp", "10.1.2.1", 9998)).toBe("all 10.1.2.3");
      return Number(/counter packets (\d+)/.exec(s.host.sh("nft list table inet seen"))?.[1]);
    };
    expect(arrived()).toBe(0);
    // What it is that keeps it away.
    s.host.sh("nft flush chain inet podwire_portmap loopback");
    expect(arrived()).toBe(1);
  }));
