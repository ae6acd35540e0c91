/** CHECK on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout } from "bun:test";
import { tapProbe } from "../../../kernel/probe/tap.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { withStage } from "../../testing/stage.ts";
import { tapConf } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);
const test = skipUnless(tapProbe);

/** The device made anew with other properties, and everything else as it was. */
const anew = (words: string): string =>
  `mac=$(cat /sys/class/net/eth0/address); ip link del eth0; ip tuntap add dev eth0 ${words};
   ip link set eth0 address $mac mtu 1400 master br0 up || ip link set eth0 up`;

/** What breaks it (sh, in the pod), and what CHECK has to say. */
const mutations: readonly (readonly [line: string, said: RegExp])[] = [
  ["ip link del eth0", /eth0 in .*: is gone/],
  ["ip link set eth0 down; ip link set eth0 name web0", /eth0 in .*: is gone/],
  ["ip link del eth0; ip link add eth0 type veth", /kind of eth0: is veth, should be tap/],
  [anew("mode tun"), /kind of eth0: is tun, should be tap/],
  [anew("mode tap user 8 group 9 multi_queue"), /owner of eth0: is 8, should be 7/],
  [anew("mode tap user 7 group 8 multi_queue"), /group of eth0: is 8, should be 9/],
  [anew("mode tap user 7 multi_queue"), /group of eth0: is none, should be 9/],
  [anew("mode tap user 7 group 9"), /multi_queue of eth0: is false, should be true/],
  ["ip link set eth0 address 02:00:00:00:00:97", /MAC of eth0: is 02:00:00:00:00:97/],
  ["ip link set eth0 mtu 1300", /mtu of eth0: is 1300, should be 1400/],
  ["ip link set eth0 down", /link eth0: is down/],
  ["ip link set eth0 nomaster", /master of eth0: is none, should be br0/],
  ["ip link add br1 type bridge; ip link set eth0 master br1", /master of eth0: is link \d+, should be br0/],
  ["ip link del br0", /bridge br0 in .*: is gone/],
  ["ip addr del 10.1.2.2/24 dev eth0", /address 10\.1\.2\.2\/24 on eth0: is gone/],
  ["ip addr del fd00:1::2/64 dev eth0", /address fd00:1::2\/64 on eth0: is gone/],
  ["ip route del default", /route default via 10\.1\.2\.1 dev eth0: is gone/],
  ["ip -6 route del default", /route default via fd00:1::1/],
];

describe("CHECK notices", () => {
  for (const [line, said] of mutations)
    test(line, () =>
      withStage(async (s) => {
        const pod = s.pod();
        // sysfs shows the namespace that it was mounted in.
        pod.sh("ip link add br0 type bridge; ip link set br0 up");
        const conf = tapConf(s, { mtu: 1400, owner: 7, group: 9, multiQueue: true, bridge: "br0" });
        const { json } = await s.call("ADD", conf, { pod });
        const asked = { ...conf, prevResult: json };
        expect(await s.call("CHECK", asked, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
        const mac = (json.interfaces as { mac: string }[])[0]?.mac ?? "";
        pod.sh(line.replace("$(cat /sys/class/net/eth0/address)", mac));
        const { exit, json: error } = await s.call("CHECK", asked, { pod });
        expect(exit).toBe(1);
        expect(String(error.msg)).toMatch(said);
      }),
    );
});

test("CHECK of layer 2 is quiet on what ADD made, and needs a prevResult", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = tapConf(s, {}, []);
    const { json } = await s.call("ADD", conf, { pod });
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toEqual({ exit: 0, json: {}, stderr: "" });
    expect(await s.call("CHECK", conf, { pod })).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

test("CHECK notices that the IPAM plugin has lost the address", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = tapConf(s);
    const asked = { ...conf, prevResult: (await s.call("ADD", conf, { pod })).json };
    await s.call("GC", { ...conf, "cni.dev/valid-attachments": [] });
    expect(s.store()).toEqual({});
    expect(await s.call("CHECK", asked, { pod })).toMatchObject({ exit: 1 });
  }));
