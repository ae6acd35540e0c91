/** What `vrf` says on this kernel, whether it has VRFs or not; what it does is in vrf.vm.test.ts. */
import { expect, test } from "bun:test";
import { vrfProbe } from "../../../kernel/probe/vrf.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { withStage } from "../../testing/stage.ts";

const conf = { cniVersion: "1.1.0", name: "net1", type: "vrf", vrfname: "red" };
const lacking = vrfProbe.ask().is === "no";

test("STATUS says what ADD finds: VRFs, or what the kernel needs for them, and then nothing is touched", () =>
  withStage(async (s) => {
    const pod = s.pod();
    pod.sh("ip link add eth0 type bridge; ip address add 10.1.2.3/24 dev eth0");
    const was = snapshot(pod);
    const answers = [
      await s.call("STATUS", conf),
      await s.call("ADD", { ...conf, prevResult: { cniVersion: "1.1.0" } }, { pod }),
    ];
    expect(answers.map((a) => a.exit)).toEqual(lacking ? [1, 1] : [0, 0]);
    for (const { json } of lacking ? answers : [])
      expect(json).toMatchObject({ code: 50, details: "modprobe vrf", msg: expect.stringContaining("no VRFs") });
    if (lacking) expect(snapshot(pod)).toEqual(was);
  }));

test("versions before 0.3.1 have no chain to be in", () =>
  withStage(async (s) => {
    expect(await s.call("STATUS", { ...conf, cniVersion: "0.3.0" })).toMatchObject({ exit: 1, json: { code: 1 } });
  }));

test("ADD needs the result of the plugins before it", () =>
  withStage(async (s) => {
    expect(await s.call("ADD", conf, { pod: s.pod() })).toMatchObject({ exit: 1, json: { code: 7 } });
  }));
