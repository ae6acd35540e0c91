/** Devices as the kernel's tree under /sys tells of them: which interface one is, or which driver has it instead. */
import { existsSync, readdirSync } from "../../../kernel/os/files.ts";
import type { Named } from "./config.ts";

/** A tree of folders, with `/sys` as its root. */
export interface Tree {
  /** Names in a folder, sorted; none when it is not there. */
  list(path: string): readonly string[];
  has(path: string): boolean;
}

export const treeAt = (root: string): Tree => {
  const at = (path: string): string => root + path.slice("/sys".length);
  return {
    list: (path) => (existsSync(at(path)) ? readdirSync(at(path)).sort() : []),
    has: (path) => existsSync(at(path)),
  };
};

/** What a name on a bus or a path in the tree leads to. */
export type Found =
  | { readonly is: "link"; readonly name: string; readonly pciId?: string }
  /** A driver that gives the device to a program (DPDK): the kernel has no interface of it. */
  | { readonly is: "userspace"; readonly driver: string; readonly pciId: string }
  /** `where`: the folders that hold no interface. */
  | { readonly is: "nothing"; readonly where: readonly string[] };

export type OnBus = Exclude<Named, { by: "device" | "hwaddr" }>;

const pci = "/sys/bus/pci";
const auxiliary = "/sys/bus/auxiliary/devices";
const userspaceDrivers = ["vfio-pci", "uio_pci_generic", "igb_uio"] as const;

export const lookUp = (tree: Tree, named: OnBus): Found => {
  if (named.by === "kernelpath") return firstIn(tree, [`${named.path.replace(/\/+$/, "")}/net`]);
  const onPci = `${pci}/devices/${named.id}`;
  if (named.by === "deviceID" && !tree.has(onPci)) {
    const onAuxiliary = `${auxiliary}/${named.id}`;
    if (tree.has(onAuxiliary)) return firstIn(tree, [`${onAuxiliary}/net`]);
    return { is: "nothing", where: [onPci, onAuxiliary] };
  }
  if (!tree.has(onPci)) return { is: "nothing", where: [onPci] };
  const driver = userspaceDrivers.find((d) => tree.has(`${pci}/drivers/${d}/${named.id}`));
  if (driver) return { is: "userspace", driver, pciId: named.id };
  // A virtio device hangs its interface below its own bus.
  const virtio = tree.list(onPci).filter((name) => name.startsWith("virtio"));
  const found = firstIn(tree, [`${onPci}/net`, ...virtio.map((name) => `${onPci}/${name}/net`)]);
  return found.is === "link" ? { ...found, pciId: named.id } : found;
};

const firstIn = (tree: Tree, where: readonly string[]): Found => {
  for (const folder of where) {
    const [name] = tree.list(folder);
    if (name !== undefined) return { is: "link", name };
  }
  return { is: "nothing", where };
};
