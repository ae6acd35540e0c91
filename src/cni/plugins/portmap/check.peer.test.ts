/** portmap's CHECK when something was broken, and its ADD when something fails. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { attach, dns, http, map, mapped, ruleset } from "./testing/pods.ts";

setDefaultTimeout(120_000);

describe("CHECK passes after ADD and notices", () => {
  const lines = [
    "nft delete table inet podwire_portmap",
    "nft flush chain inet podwire_portmap prerouting",
    "nft flush chain inet podwire_portmap output",
    "nft flush chain inet podwire_portmap postrouting",
    "nft flush chain inet podwire_portmap hostports",
    "nft flush chain inet podwire_portmap loopback",
    "nft flush chain inet podwire_portmap to_loopback",
    "nft insert rule inet podwire_portmap prerouting accept",
    "nft flush chain inet podwire_portmap within_10.1.2.0/24",
    "nft delete element inet podwire_portmap any4 '{ tcp . 8080 }'",
    "nft delete element inet podwire_portmap any6 '{ tcp . 8080 }'",
    "nft delete element inet podwire_portmap at4 '{ 192.0.2.1 . udp . 53 }'",
    "nft delete element inet podwire_portmap pods4 '{ 10.1.2.2 }'",
    "nft delete element inet podwire_portmap pods6 '{ fd00:1::2 }'",
    "nft 'delete element inet podwire_portmap any4 { tcp . 8080 }; add element inet podwire_portmap any4 { tcp . 8080 : 10.9.9.9 . 80 }'",
    "sysctl -qw net.ipv4.conf.br0.route_localnet=0",
  ];
  for (const line of lines)
    test(line, () =>
      withStage(async (s) => {
        const conf = mapped([http, { ...dns, hostIP: "192.0.2.1" }]);
        const a = await attach(s);
        await map(s, a, conf);
        expect(await map(s, a, conf, "CHECK")).toMatchObject({ exit: 0 });
        s.host.sh(line);
        const { exit, json } = await map(s, a, conf, "CHECK");
        expect({ exit, msg: String(json.msg) }).toMatchObject({
          exit: 1,
          msg: expect.stringMatching(/podwire_portmap|element|route_localnet/),
        });
        // A new ADD mends it.
        expect(await map(s, a, conf)).toMatchObject({ exit: 0 });
        expect(await map(s, a, conf, "CHECK")).toMatchObject({ exit: 0 });
      }),
    );
});

test("an ADD whose n-th operation fails leaves everything as it was", () =>
  withStage(async (s) => {
    const a = await attach(s);
    const look = () => [snapshot(s.host, ["net/ipv4/conf/br0/route_localnet"]), ruleset(s.host)];
    const was = look();
    for (let n = 1; ; n++) {
      const { kernel, done } = countingKernel(s.kernel, n);
      const conf = { ...mapped([http, dns]), prevResult: a.prevResult };
      const { exit, json } = await s.call("ADD", conf, { pod: a.pod }, kernel);
      if (exit === 0) {
        expect(done.length).toBe(n - 1);
        break;
      }
      expect(String(json.msg)).toMatch(/as planned|nf_tables/);
      expect({ n, op: done[n - 1], seen: look() }).toEqual({ n, op: done[n - 1], seen: was });
    }
  }));
