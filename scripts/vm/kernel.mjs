/**
 * What the VM boots: Debian's kernel, and busybox to start it with. apt fetches both into folders of its own, so neither
 * the machine's package sources nor its boot loader are touched, and no root is needed. Kept in .cache/vm/<package>/.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, fail, root, say } from "../words.mjs";

const home = join(root, ".cache", "vm");
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** What is taken of the package: networking, what it is built on, and the file systems of the VM's root. */
const wanted = [
  "./boot/vmlinuz-*",
  "./*lib/modules/*/modules.*",
  ...["arch", "crypto", "lib", "net", "fs/9p", "fs/netfs", "fs/overlayfs", "drivers/net"].map(
    (folder) => `./*lib/modules/*/kernel/${folder}`,
  ),
];

const must = (why, program, args, options) => {
  const ran = capture(program, args, options);
  if (ran.code !== 0)
    fail(
      `${why}: \`${program} ${args[0]} ...\` said\n${ran.text}`,
      "check the network and the space below .cache/, then run it again",
    );
  return ran.out;
};

/** The Debian mirror that this machine's own package sources name: what it can reach. */
const mirror = () => {
  const args = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
  const uris = must("apt does not tell its package sources", "apt-get", args).split("\n");
  const found = uris.map((uri) => uri.trim()).find((uri) => /\/debian\/?$/.test(uri));
  if (!found) fail("none of this machine's package sources is a Debian mirror", "name one in /etc/apt/sources.list");
  return found;
};

/** apt as if on an empty amd64 machine whose only package source is ours. */
const aptOptions = (folder) => {
  for (const sub of ["lists/partial", "archives/partial"]) mkdirSync(join(folder, sub), { recursive: true });
  const source = `deb [arch=amd64 target=Packages signed-by=${keyring}] ${mirror()} trixie main\n`;
  writeFileSync(join(folder, "sources.list"), source);
  writeFileSync(join(folder, "status"), "");
  const settings = {
    "APT::Architecture": "amd64",
    "APT::Sandbox::User": "root", // apt's own user cannot read a home directory
    "Acquire::Languages": "none",
    "Dir::Cache": folder,
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
};

/** `/lib` may be `/usr/lib` in the package. Modules are stored unpacked, since the VM's processor is slow. */
const script = `
  deb=$1 busybox=$2 into=$3 && shift 3
  dpkg -x "$busybox" "$into/busybox.files"
  mv "$(find "$into/busybox.files" -path "*/bin/busybox")" "$into/busybox"
  dpkg --fsys-tarfile "$deb" | tar -x -C "$into" --wildcards "$@"
  [ -d "$into/lib" ] || mv "$into/usr/lib" "$into/lib"
  mv "$into"/boot/vmlinuz-* "$into/vmlinuz"
  find "$into/lib" -name '*.ko.xz' -print0 | xargs -0 -r -n 64 -P 4 "$into/busybox" unxz
  "$into/busybox" depmod -b "$into" "$(ls "$into/lib/modules")"
  rm -rf "$into/busybox.files" "$into/boot" "$into/usr"`;

const download = () => {
  if (!existsSync(keyring)) fail(`${keyring} is missing`, "install the package debian-archive-keyring");
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "fetching-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  say("fetching Debian's kernel for the VM");
  const apt = aptOptions(folder);
  must("apt cannot read Debian's package list", "apt-get", ["update", "-qq", ...apt]);
  const show = ["show", "--no-all-versions", "linux-image-amd64", ...apt];
  const shown = must("apt does not know the kernel", "apt-cache", show);
  const name = /^Depends: (linux-image-\S+)/m.exec(shown)?.[1] ?? fail("linux-image-amd64 names no kernel package");
  const get = ["download", "-qq", name, "busybox-static", ...apt];
  must(`apt cannot download ${name}`, "apt-get", get, { cwd: folder });
  const deb = (of) => `${folder}/${readdirSync(folder).find((file) => file.startsWith(`${of}_`))}`;
  const into = join(folder, "unpacked");
  mkdirSync(into);
  const unpack = ["-o", "pipefail", "-ec", script, "sh", deb(name), deb("busybox-static"), into, ...wanted];
  must(`${name} does not unpack`, "bash", unpack);
  renameSync(into, join(home, name));
};

const cached = () =>
  existsSync(home) ? readdirSync(home).findLast((name) => name.startsWith("linux-image-")) : undefined;

/** Paths: the file to boot, the folder with its modules (named as `uname -r` will say), and a static busybox. */
export const vmKernel = () => {
  if (process.arch !== "x64") fail(`the VM tests boot an x86-64 kernel; this machine is ${process.arch}`);
  if (!cached()) download();
  const folder = join(home, cached());
  const [release] = readdirSync(join(folder, "lib", "modules"));
  return {
    vmlinuz: join(folder, "vmlinuz"),
    modules: join(folder, "lib", "modules", release),
    busybox: join(folder, "busybox"),
  };
};
