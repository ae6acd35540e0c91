/**
 * Runs the steps of a page, given as JSON on stdin, and prints what the commands wrote, as JSON. Belongs inside
 * throwaway.mjs: it lays folders of its own over /etc, /opt, /tmp and /var/lib, with podwire installed as the pages say.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chdir } from "node:process";
import { fail, root } from "../words.mjs";

const mount = (...args) => {
  const done = spawnSync("mount", args, { encoding: "utf8" });
  if (done.status !== 0) fail(`mount ${args.join(" ")}: ${done.stderr ?? done.error?.message}`);
};

// The checkout may lie in a folder that is about to be covered.
const held = { dist: "/run/page/dist", etc: "/run/page/etc" };
for (const folder of Object.values(held)) mkdirSync(folder, { recursive: true });
mount("--bind", join(root, "dist"), held.dist);
mount("--rbind", "/etc", held.etc);
for (const folder of ["/etc", "/opt", "/tmp", "/var/lib"]) mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", folder);
for (const name of readdirSync(held.etc)) if (name !== "cni") symlinkSync(join(held.etc, name), join("/etc", name));
for (const folder of ["/opt/podwire", "/opt/cni/bin"]) mkdirSync(folder, { recursive: true });
mount("--bind", held.dist, "/opt/podwire");
mount("--bind", join(held.dist, "cni"), "/opt/cni/bin");

const { CNI_PATH, NETCONFPATH, PODWIRE_LAB_HOME, ...inherited } = process.env;
const env = { ...inherited, PATH: `/opt/podwire:${inherited.PATH}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8" };

const run = (command) => {
  const done = spawnSync("bash", ["-c", `exec 2>&1\n${command}`], { env, encoding: "utf8", timeout: 60_000 });
  if (done.error) fail(`${command}: ${done.error.message}`);
  return done.stdout.replace(/[ \t\r]+$/gm, "").replace(/\n$/, "");
};

const steps = JSON.parse(readFileSync(0, "utf8"));
chdir("/run/page");
const outputs = steps.flatMap((step) => {
  if (step.do === "run") return [run(step.command)];
  mkdirSync(dirname(step.path), { recursive: true });
  writeFileSync(step.path, step.text);
  return [];
});
console.log(JSON.stringify(outputs));
