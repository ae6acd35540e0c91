/** Traffic of IPv6 right after ADD: nothing on the way still waits for duplicate address detection. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { withStage } from "../../testing/stage.ts";
import { ask, serve } from "../../testing/talk.ts";
import { bridgeConf } from "./testing/conf.ts";

setDefaultTimeout(60_000);

interface AddressRow {
  readonly addr_info: readonly { local: string; tentative?: boolean }[];
}

test("what comes from outside reaches a pod that has not spoken yet, as soon as ADD has answered", () =>
  withStage(async (s) => {
    const out = s.pod();
    for (const ns of [out, s.host]) ns.sh("sysctl -qw net.ipv6.conf.default.accept_dad=0");
    s.host.sh(`ip link add up0 type veth peer name eth0 netns ${out.name}
      ip addr add fd00:99::1/64 dev up0 nodad; ip link set up0 up; sysctl -qw net.ipv6.conf.default.accept_dad=1`);
    out.sh(`ip addr add fd00:99::2/64 dev eth0 nodad; ip link set eth0 up; ip route add default via fd00:99::1`);
    const pod = s.pod();
    const bridge = () => s.host.ipJson<AddressRow>("-6 addr show dev br0")[0]?.addr_info ?? [];
    expect(await s.call("ADD", bridgeConf(s, { isDefaultGateway: true }, ["fd00:1::/64"]), { pod })).toMatchObject({
      exit: 0,
    });
    // The carrier may be told later than now; then detection would begin later, too, and the traffic would wait for it.
    expect(bridge().filter((a) => a.tentative)).toEqual([]);
    expect(s.host.sh("cat /proc/sys/net/ipv6/conf/br0/accept_dad")).toBe("0\n");
    using _ = await serve(pod, "tcp", 80, "pod");
    expect(ask(out, "tcp", "fd00:1::2", 80)).toBe("pod fd00:99::2");
  }));
