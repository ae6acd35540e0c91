/** loopback on a kernel; `ip -j` is the judge. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { deleteNetns } from "../../../kernel/os/netns.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { withStage } from "../../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const conf = { cniVersion: "1.1.0", name: "lo", type: "loopback" };
const isUp = (pod: TestNetns): boolean | undefined =>
  pod.ipJson<{ flags: string[] }>("link show lo")[0]?.flags.includes("UP");

test("ADD brings lo up whatever CNI_IFNAME says, and tells its addresses", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const { exit, json } = await s.call("ADD", conf, { pod, ifname: "eth7" });
    expect({ exit, up: isUp(pod) }).toEqual({ exit: 0, up: true });
    expect(json).toEqual({
      cniVersion: "1.1.0",
      interfaces: [{ name: "lo", mac: "00:00:00:00:00:00", mtu: 65536, sandbox: pod.path }],
      ips: [
        { address: "127.0.0.1/8", interface: 0 },
        { address: "::1/128", interface: 0 },
      ],
    });
    expect(await s.call("CHECK", { ...conf, prevResult: json }, { pod })).toMatchObject({ exit: 0 });
    // Again is fine: a runtime may find lo up already.
    expect(await s.call("ADD", conf, { pod })).toMatchObject({ exit: 0 });
  }));

test("in a chain the result before it passes through", () =>
  withStage(async (s) => {
    const prevResult = { cniVersion: "1.1.0", ips: [{ address: "10.1.2.3/24" }] };
    expect((await s.call("ADD", { ...conf, prevResult }, { pod: s.pod() })).json).toEqual(prevResult);
  }));

test("a foreign address on lo is refused, and lo stays as it was", () =>
  withStage(async (s) => {
    const pod = s.pod();
    pod.ip("addr add 10.1.2.3/32 dev lo");
    const { exit, json } = await s.call("ADD", conf, { pod });
    expect({ exit, code: json.code, up: isUp(pod) }).toEqual({ exit: 1, code: 104, up: false });
    expect(json.details).toBe(`ip -n ${pod.name} address del 10.1.2.3/32 dev lo`);
  }));

test("CHECK notices that lo is down", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const prevResult = (await s.call("ADD", conf, { pod })).json;
    pod.ip("link set lo down");
    const { exit, json } = await s.call("CHECK", { ...conf, prevResult }, { pod });
    expect({ exit, code: json.code }).toEqual({ exit: 1, code: 104 });
    s.host.sh(String(json.details));
    expect(await s.call("CHECK", { ...conf, prevResult }, { pod })).toMatchObject({ exit: 0 });
  }));

test("DEL takes lo down, twice, and is content without a namespace", () =>
  withStage(async (s) => {
    const pod = s.pod();
    await s.call("ADD", conf, { pod });
    for (const _ of [1, 2]) {
      expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
      expect(isUp(pod)).toBe(false);
    }
    s.kernel.forget(pod.path);
    deleteNetns(pod.path);
    expect(await s.call("DEL", conf, { pod })).toMatchObject({ exit: 0 });
    expect(await s.call("DEL", conf, { netns: "" })).toMatchObject({ exit: 0 });
  }));

test("GC and STATUS have nothing to do", () =>
  withStage(async (s) => {
    for (const verb of ["GC", "STATUS"]) expect(await s.call(verb, conf)).toEqual({ exit: 0, json: {}, stderr: "" });
  }));
