import { expect, test } from "bun:test";
import { containerOf } from "./container.ts";

const id = "0f3c1a".padEnd(64, "a");
const uid = "6f1c9c1e-9a5f-4b1d-8a3e-0123456789ab";

test("a container is named by the runtime whose cgroup it is in, and its pod by kubelet's", () => {
  const kube = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll("-", "_")}.slice`;
  const cases: readonly [string, object | undefined][] = [
    [`0::${kube}/cri-containerd-${id}.scope`, { id, runtime: "containerd", pod: uid }],
    [`0::${kube}/crio-${id}.scope`, { id, runtime: "cri-o", pod: uid }],
    [`0::/system.slice/docker-${id}.scope`, { id, runtime: "docker" }],
    [`0::/machine.slice/libpod-${id}.scope/container`, { id, runtime: "podman" }],
    [`12:pids:/docker/${id}\n0::/`, { id, runtime: "docker" }],
    [`5:cpu:/kubepods/besteffort/pod${uid}/${id}`, { id, runtime: "pod", pod: uid }],
    ["0::/user.slice/user-1000.slice/session-2.scope", undefined],
    ["0::/", undefined],
    ["", undefined],
  ];
  for (const [cgroup, want] of cases) expect([cgroup, containerOf(`${cgroup}\n`)]).toEqual([cgroup, want as never]);
});
