/** An IPAM plugin whose file is loaded when it is delegated to: what it throws reads as if it had been there before. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeNetns } from "../src/kernel/testing/netns.ts";
import { tryRun } from "../src/kernel/testing/run.ts";

const plugins = join(import.meta.dirname, "../dist/cni");
const socket = "/nowhere/dhcp.sock";

test("a main plugin that delegates to dhcp tells of its daemon as dhcp itself does, and leaves nothing", () => {
  using host = makeNetns();
  using pod = makeNetns();
  const call = (plugin: string, verb: string): { code: number; answer: string } => {
    const ipam = { type: "dhcp", daemonSocketPath: socket };
    const env = { CNI_COMMAND: verb, CNI_PATH: plugins, CNI_CONTAINERID: "c1", CNI_IFNAME: "eth0" };
    const { code, stdout } = tryRun(["nsenter", `--net=${host.path}`, join(plugins, plugin)], {
      env: { ...env, CNI_NETNS: pod.path },
      input: JSON.stringify({ cniVersion: "1.1.0", name: "net1", type: plugin, bridge: "br0", ipam }),
    });
    return { code, answer: stdout };
  };
  for (const plugin of ["bridge", "ptp"]) {
    const { code, answer } = call(plugin, "ADD");
    expect({ plugin, code }).toEqual({ plugin, code: 1 });
    expect(JSON.parse(answer)).toEqual({
      cniVersion: "1.1.0",
      code: 50,
      msg: `no dhcp daemon listens at ${socket}: no such file or directory (ENOENT)`,
      details: `${join(plugins, "dhcp")} daemon -socketpath ${socket} &`,
    });
    expect(call(plugin, "DEL")).toEqual({ code: 0, answer: "" });
  }
  for (const ns of [host, pod]) expect(ns.ipJson<{ ifname: string }>("link").map((l) => l.ifname)).toEqual(["lo"]);
});
