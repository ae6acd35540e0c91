/** podman of its own in a machine: CNI for its networks, runc for its containers, limits that no privilege is needed for. */
import { existsSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeImage } from "./image.ts";
import { type Machine, makeMachine } from "./machine.ts";
import { ownPlugins } from "./network.ts";

// NET_RAW is for ping.
const engine = `
[containers]
apparmor_profile = "unconfined"
default_capabilities = ["NET_RAW", "CHOWN", "SETUID", "SETGID", "DAC_OVERRIDE", "KILL", "SYS_CHROOT"]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin"]
network_config_dir = "/etc/cni/net.d"
`;

const storage = `
[storage]
driver = "vfs"
runroot = "/run/containers"
graphroot = "/var/lib/containers"
`;

const cgroups = "/sys/fs/cgroup";

/** Version 2 has one hierarchy, version 1 one for each controller. podman leaves its groups' parent in them. */
const parents = (): string[] =>
  existsSync(cgroups)
    ? [cgroups, ...readdirSync(cgroups).map((name) => join(cgroups, name))]
        .map((dir) => join(dir, "libpod_parent"))
        .filter((dir) => existsSync(dir))
    : [];

const removeGroups = (dir: string): void => {
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(dir, entry.name));
  rmdirSync(dir);
};

/** A machine where podman is set up and has our image. */
export const furnishPodman = async (): Promise<Machine> => {
  const before = parents();
  const machine = await makeMachine(ownPlugins);
  const dispose = async (): Promise<void> => {
    await machine[Symbol.asyncDispose]();
    for (const dir of parents()) if (!before.includes(dir)) removeGroups(dir);
  };
  try {
    writeFileSync(machine.path("/etc/containers/containers.conf"), engine);
    writeFileSync(machine.path("/etc/containers/storage.conf"), storage);
    writeImage(machine.path("/run/image.tar"));
    machine.run(["podman", "load", "--quiet", "--input", "/run/image.tar"]);
    return { ...machine, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};
