/** `selinuxContext` on a kernel that has SELinux, though no policy: every context is taken, and has to be set to be so. */
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { no, probe, yes } from "../../../kernel/probe/answer.ts";
import { run, tryRun } from "../../../kernel/testing/run.ts";
import { skipUnless } from "../../../kernel/testing/skip.ts";
import { withStage } from "../../testing/stage.ts";
import { tapConf } from "./testing/conf.ts";

const selinuxProbe = probe("SELinux", () => {
  if (!existsSync("/sys/fs/selinux")) return no("a kernel booted with security=selinux");
  if (!existsSync("/sys/fs/selinux/enforce")) run(["mount", "-t", "selinuxfs", "none", "/sys/fs/selinux"]);
  // The node brings the module.
  run(["sh", "-ec", "mkdir -p /dev/net; [ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200"]);
  return yes;
});
const test = skipUnless(selinuxProbe);
const plugin = join(import.meta.dirname, "../../../../dist/cni/tap");

test("the device is made by a program of its own, and the rest of ADD goes on", () =>
  withStage(async (s) => {
    const pod = s.pod();
    const conf = tapConf(s, { selinuxContext: "system_u:system_r:container_t:s0", multiQueue: true, owner: 4242 }, []);
    const ask = (verb: string, more: object = {}) =>
      tryRun([plugin], {
        input: JSON.stringify({ ...conf, ...more }),
        env: {
          CNI_COMMAND: verb,
          CNI_CONTAINERID: "pod1",
          CNI_NETNS: pod.path,
          CNI_IFNAME: "eth0",
          CNI_PATH: "/usr/lib/cni",
        },
      });
    const { code, stdout, stderr } = ask("ADD");
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stderr: "" });
    expect(pod.ipJson("link show eth0")).toMatchObject([
      { ifalias: "podwire net1/pod1/eth0", linkinfo: { info_data: { persist: true, multi_queue: true, user: 4242 } } },
    ]);
    expect(ask("CHECK", { prevResult: JSON.parse(stdout) })).toMatchObject({ code: 0 });
    expect(ask("DEL")).toMatchObject({ code: 0 });
  }));
