/** CHECK and STATUS on a kernel: quiet on what ADD made, and a difference for every single thing that is then broken. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import type { JsonObject } from "../../../base/json-types.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { deviceConf, dual, makeDevice, memoryDir } from "./testing/conf.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const routes = [{ dst: "0.0.0.0/0" }, { dst: "10.8.0.0/16", table: 77 }];

/** What breaks it (sh), where, and what CHECK has to say. */
const mutations: readonly (readonly [where: "host" | "pod", line: string, said: RegExp])[] = [
  ["host", "ip link del wire5", /eth0 in .*: is gone/],
  ["pod", "ip link set eth0 netns $HOST", /eth0 in .*: is gone/],
  ["pod", "ip link set eth0 down; ip link set eth0 name web0", /eth0 in .*: is gone/],
  [
    "pod",
    "ip link set eth0 down; ip link set eth0 name old0; ip link add eth0 type bridge",
    /alias of eth0 in the pod/,
  ],
  ["pod", "ip link set eth0 alias other", /alias of eth0 in the pod: is other, should be podwire device net1\/pod1/],
  ["pod", "ip link set eth0 down", /link eth0: is down/],
  ["pod", "ip link set eth0 mtu 1300", /mtu of eth0 in the pod: is 1300, should be 1400/],
  ["pod", "ip link set eth0 address 02:00:00:00:00:97", /MAC of eth0 in the pod: is 02:00:00:00:00:97/],
  ["pod", "ip addr del 10.1.2.2/24 dev eth0", /address 10\.1\.2\.2\/24 on eth0: is gone/],
  ["pod", "ip addr del fd00:1::2/64 dev eth0", /address fd00:1::2\/64 on eth0: is gone/],
  ["pod", "ip route del default", /route default via 10\.1\.2\.1 dev eth0: is gone/],
  ["pod", "ip route del 10.8.0.0/16 table 77", /route 10\.8\.0\.0\/16 .* table 77: is gone/],
];

/** A device in a pod, and the CHECK of it. */
const attached = async (s: Stage, more: JsonObject = {}) => {
  makeDevice(s.host);
  const pod = s.pod();
  const conf = deviceConf(s, more, dual, { routes });
  const { json } = await s.call("ADD", conf, { pod });
  return { pod, check: () => s.call("CHECK", { ...conf, prevResult: json }, { pod }) };
};

describe("CHECK notices", () => {
  for (const [where, line, said] of mutations)
    test(`in the ${where}: ${line}`, () =>
      withStage(async (s) => {
        const { pod, check } = await attached(s);
        expect(await check()).toEqual({ exit: 0, json: {}, stderr: "" });
        (where === "host" ? s.host : pod).sh(`HOST=${s.host.path}; ${line}`);
        const { exit, json } = await check();
        expect(exit).toBe(1);
        expect(String(json.msg)).toMatch(said);
      }));

  test("all of it at once, and that what the device was is forgotten", () =>
    withStage(async (s) => {
      const { pod, check } = await attached(s);
      pod.sh("ip link set eth0 mtu 1300; ip route del default; ip link set eth0 alias ''");
      rmSync(memoryDir(s), { recursive: true });
      const { json } = await check();
      expect(String(json.msg)).toMatch(/mtu of eth0.*what eth0 was on the host .*is gone.*route default/);
    }));

  test("that the IPAM plugin has lost the address", () =>
    withStage(async (s) => {
      const { check } = await attached(s);
      rmSync(`${s.dataDir}/net1`, { recursive: true });
      expect(await check()).toMatchObject({ exit: 1 });
    }));
});

test("an alias that was written over comes with the line that mends it", () =>
  withStage(async (s) => {
    const { pod, check } = await attached(s);
    pod.ip("link set eth0 alias other");
    pod.sh(String((await check()).json.details));
    expect(await check()).toMatchObject({ exit: 0 });
  }));

test("CHECK needs a prevResult, and says so", () =>
  withStage(async (s) => {
    expect(await s.call("CHECK", deviceConf(s), { pod: s.pod() })).toMatchObject({ exit: 1, json: { code: 7 } });
  }));

describe("STATUS", () => {
  test("is fine when the device is there, and changes nothing", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      const was = snapshot(s.host);
      expect(await s.call("STATUS", deviceConf(s))).toEqual({ exit: 0, json: {}, stderr: "" });
      expect(snapshot(s.host)).toEqual(was);
    }));
  test("is 50 when there is no such device, and when a pod has it", () =>
    withStage(async (s) => {
      expect(await s.call("STATUS", deviceConf(s))).toMatchObject({ exit: 1, json: { code: 50 } });
      makeDevice(s.host);
      await s.call("ADD", deviceConf(s), { pod: s.pod() });
      const { exit, json } = await s.call("STATUS", deviceConf(s));
      expect({ exit, code: json.code }).toEqual({ exit: 1, code: 50 });
      expect(String(json.msg)).toContain("container pod1 has it");
    }));
  test("is fine when the runtime names the device later", () =>
    withStage(async (s) => {
      expect(await s.call("STATUS", deviceConf(s, { device: "" }))).toMatchObject({ exit: 0 });
    }));
  test("is 50 when the IPAM plugin has no address left", () =>
    withStage(async (s) => {
      makeDevice(s.host, "ens3");
      makeDevice(s.host, "ens4", 4);
      const conf = deviceConf(s, {}, ["10.1.2.0/30"]);
      await s.call("ADD", { ...conf, device: "ens4" }, { pod: s.pod() });
      expect(await s.call("STATUS", conf)).toMatchObject({ exit: 1, json: { code: 50 } });
    }));
  test("is 50 when there is nowhere to keep what the device was", () =>
    withStage(async (s) => {
      makeDevice(s.host);
      const conf = deviceConf(s, { dataDir: "/proc/sys/podwire" });
      expect(await s.call("STATUS", conf)).toMatchObject({ exit: 1, json: { code: 50 } });
    }));
});
