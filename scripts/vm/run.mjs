/**
 * Runs one command in a VM that has this machine's files (as a copy that forgets) and Debian's kernel. Emulated even
 * where /dev/kvm is: within another VM that may be there and not work. No network, no disk, nothing that outlives it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { throwawayCommand } from "../throwaway.mjs";
import { pass, root } from "../words.mjs";
import { writeInitramfs } from "./initramfs.mjs";
import { vmKernel } from "./kernel.mjs";

const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** What of our environment goes along. The VM's console is a terminal, whatever our stdout is. */
const kept = () => {
  const { CI, NO_COLOR = process.stdout.isTTY ? undefined : "1", TERM = "dumb" } = process.env;
  return Object.entries({ CI, NO_COLOR, TERM }).filter(([, value]) => value !== undefined);
};
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const runScript = (command) =>
  [
    `cd ${quote(root)}`,
    `export HOME=/root PATH=${path}`,
    ...kept().map(([name, value]) => `export ${name}=${quote(value)}`),
    `exec ${command.map(quote).join(" ")} </dev/null`,
    "",
  ].join("\n");

/** -no-reboot: a reset, which is how init ends, and so does a panic, ends QEMU. */
const qemuArgs = (kernel, initramfs, share) => [
  ...["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024"],
  ...["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot"],
  ...["-kernel", kernel.vmlinuz, "-initrd", initramfs],
  ...[
    "-append",
    `console=ttyS0 quiet panic=-1 oops=panic mitigations=off security=selinux SHARE="${share}" MODULES="${kernel.modules}"`,
  ],
  ...["-virtfs", "local,path=/,mount_tag=machine,security_model=none,readonly=on,multidevs=remap"],
  ...["-virtfs", `local,path=${share.replaceAll(",", ",,")},mount_tag=share,security_model=none`],
];

/**
 * `command` runs in the repository's folder, as root, with stdin empty; what it prints goes to our stdout. `share` is
 * an empty folder below the repository that both sides can write. `seconds` is how long the VM may live.
 * Gives `{ code, why }`; `why` is empty when the command ran to its end.
 */
const runInVm = (command, { share, seconds }) => {
  const kernel = vmKernel();
  const initramfs = join(share, "initramfs");
  writeInitramfs(kernel, initramfs);
  writeFileSync(join(share, "run.sh"), runScript(command));
  const qemu = ["qemu-system-x86_64", ...qemuArgs(kernel, initramfs, share)];
  const ran = pass("setpriv", ["--pdeathsig", "KILL", ...qemu], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
  });
  const code = join(share, "code");
  if (existsSync(code)) return { code: Number(readFileSync(code, "utf8")), why: "" };
  if (ran.why.includes("ETIMEDOUT")) return { code: 1, why: `the VM was killed: it had not ended after ${seconds} s` };
  return { code: 1, why: ran.why || "the VM ended before the tests did; what its kernel said is above" };
};

/** `inThrowaway`, but in the VM. Bun runs our script there, since Node would take seconds to start. */
export const inVm = (bun, args, limits) => runInVm(throwawayCommand(bun, args, { asRoot: true, script: bun }), limits);
