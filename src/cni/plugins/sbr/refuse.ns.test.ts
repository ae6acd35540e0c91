/** ADD that fails, by refusal or at any of its operations: the pod stays as it was. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { makeNetns, type TestNetns } from "../../../kernel/testing/netns.ts";
import { countingKernel } from "../../testing/failing-kernel.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";
import { added, ifname } from "./testing/added.ts";
import { attach, dual, ground, type Net1, rulesOf, sbrConf, tableOf, v4, v6 } from "./testing/ground.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

describe("what cannot be is refused before anything is touched", () => {
  const refused = (prev: (pod: TestNetns) => JsonObject | undefined, code: number, said: RegExp) =>
    withStage(async (s) => {
      const pod = s.pod();
      ground(pod);
      const conf = sbrConf(prev(pod));
      const was = [snapshot(pod), rulesOf(pod, true)];
      const { exit, json } = await s.call("ADD", conf, { pod, ifname });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code });
      expect(String(json.msg)).toMatch(said);
      expect([snapshot(pod), rulesOf(pod, true)]).toEqual(was);
    });
  test("no result before it", () => refused(() => undefined, 7, /prevResult: ADD works on it/));
  test("a result without addresses", () =>
    refused((pod) => attach(pod, { ips: [] }), 7, /prevResult.ips: has no address of net1/));
  test("a result with addresses of other interfaces only", () =>
    refused(
      () => ({ cniVersion: "1.1.0", interfaces: [{ name: "eth0" }], ips: [{ ...v4, interface: 0 }] }),
      7,
      /has no address of net1/,
    ));
  test("an interface that is not there", () =>
    refused(
      (pod) => {
        const prev = attach(pod, dual);
        pod.ip("link del net1");
        return prev;
      },
      103,
      /link net1: there is no such device/,
    ));
  test("a second ADD", () =>
    withStage(async (s) => {
      const pod = await added(s, dual);
      const was = [snapshot(pod), rulesOf(pod, true)];
      const conf = sbrConf({ cniVersion: "1.1.0", ips: dual.ips as JsonObject[] });
      const { exit, json } = await s.call("ADD", conf, { pod, ifname });
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 102 });
      expect(json.details).toBe("podwire cni del net1 --container-id pod1 --ifname net1");
      expect([snapshot(pod), rulesOf(pod, true)]).toEqual(was);
    }));
});

describe("an ADD whose n-th operation fails leaves everything as it was", () => {
  const configs: Record<string, { readonly net1: Net1; readonly more?: JsonObject }> = {
    "dual stack": { net1: dual },
    "two of a subnet, hints": {
      net1: { ...dual, ips: [v4, { address: "10.7.0.6/24" }, v6], more: "ip route add 10.30.0.0/16 dev net1" },
      more: { addSourceHints: true },
    },
    "a table": { net1: dual, more: { table: 77 } },
  };
  for (const [name, { net1, more }] of Object.entries(configs))
    test(name, () =>
      withStage(async (s) => {
        for (let n = 1; ; n++) {
          using pod = makeNetns();
          ground(pod);
          const conf = sbrConf(attach(pod, net1), more);
          // As `ip` prints them: routes of one destination count in their order.
          const look = () => [snapshot(pod), rulesOf(pod, true), tableOf(pod, "main")];
          const was = look();
          const { kernel, done } = countingKernel(s.kernel, n);
          const { exit, json } = await s.call("ADD", conf, { pod, ifname }, kernel);
          s.kernel.forget(pod.path);
          if (exit === 0) {
            // The whole ADD was shorter than n: every one of its operations has failed once.
            expect(done.length).toBe(n - 1);
            break;
          }
          expect(String(json.msg)).toContain("as planned");
          expect({ n, op: done[n - 1], seen: look() }).toEqual({ n, op: done[n - 1], seen: was });
        }
      }),
    );
});
