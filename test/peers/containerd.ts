/** containerd of its own in a machine: its root, state and socket, no snapshotter that needs a certain file system. */
import { writeFileSync } from "node:fs";
import { imageName, writeImage } from "./image.ts";
import { type Machine, makeMachine } from "./machine.ts";
import { ownPlugins } from "./network.ts";

export const socket = "/run/containerd/containerd.sock";

const config = `
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  disable_cgroup = true
  disable_apparmor = true
  restrict_oom_score_adj = true
  sandbox_image = "${imageName}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
`;

/** A machine in which containerd has started and holds our image for both namespaces of clients. */
export const startContainerd = async (): Promise<Machine> => {
  const machine = await makeMachine(ownPlugins);
  try {
    writeFileSync(machine.path("/run/containerd.toml"), config);
    const daemon = machine.start(["containerd", "--config", "/run/containerd.toml"]);
    await daemon.said("successfully booted");
    // Its output has to be read on, or the pipe fills.
    void daemon.ended();
    writeImage(machine.path("/run/image.tar"));
    for (const client of ["default", "k8s.io"])
      machine.run(["ctr", "--namespace", client, "image", "import", "--snapshotter", "native", "/run/image.tar"]);
    return machine;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
};

/** `ctr run` with our image, in the foreground: the network is set up before the container and taken down after it. */
export const ctrRun = (id: string, more: readonly string[], argv: readonly string[]): string[] => [
  ...["ctr", "run", "--rm", "--snapshotter", "native", "--cgroup=", ...more, imageName, id],
  ...argv,
];
