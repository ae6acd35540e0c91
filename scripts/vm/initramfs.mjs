/** The VM's first file system: busybox, our init, and the modules that reach the machine's files, in loading order. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { capture, fail, root } from "../words.mjs";

const needed = ["9pnet_virtio.ko", "9p.ko", "overlay.ko"];

/** Paths below the modules folder: each module after those it depends on, as modules.dep lists them back to front. */
const loadingOrder = (modules) => {
  const depends = new Map(
    readFileSync(join(modules, "modules.dep"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(":"))
      .map(([path, others]) => [path, others.split(" ").filter((other) => other !== "")]),
  );
  const pathOf = (name) =>
    [...depends.keys()].find((path) => basename(path) === name) ?? fail(`the VM's kernel has no module ${name}`);
  return [...new Set(needed.map(pathOf).flatMap((path) => [...depends.get(path).toReversed(), path]))];
};

/** Writes the archive to `file`, by way of a folder beside it. */
export const writeInitramfs = (kernel, file) => {
  const folder = `${file}.files`;
  for (const sub of ["bin", "boot"]) mkdirSync(join(folder, sub), { recursive: true });
  copyFileSync(kernel.busybox, join(folder, "bin", "busybox"));
  copyFileSync(join(root, "scripts", "vm", "init"), join(folder, "init"));
  chmodSync(join(folder, "init"), 0o755);
  loadingOrder(kernel.modules).forEach((path, at) => {
    copyFileSync(join(kernel.modules, path), join(folder, "boot", `${String(at).padStart(2, "0")}-${basename(path)}`));
  });
  const pack = 'cd "$1" && find . | "$2" cpio -o -H newc >"$3"';
  const packed = capture("sh", ["-ec", pack, "sh", folder, kernel.busybox, file]);
  if (packed.code !== 0) fail(`busybox cpio failed: ${packed.text}`);
};
