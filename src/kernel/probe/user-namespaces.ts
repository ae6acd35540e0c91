/** May one without privileges make user namespaces, and so be root of a network of their own? */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readSysctl } from "../os/sysctl.ts";
import { no, probe, yes } from "./answer.ts";

export const userNamespacesProbe = probe("user namespaces", () => {
  if (!existsSync("/proc/self/ns/user")) return no("a kernel built with CONFIG_USER_NS");
  if (readSysctl("user/max_user_namespaces") === "0") return no("sysctl -w user.max_user_namespaces=10000");
  if (process.getuid?.() !== 0) {
    // Debian's and Ubuntu's own switches.
    if (readSysctl("kernel/unprivileged_userns_clone") === "0")
      return no("sysctl -w kernel.unprivileged_userns_clone=1");
    if (readSysctl("kernel/apparmor_restrict_unprivileged_userns") === "1")
      return no("sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
  }
  // A process of several threads, as we are, cannot unshare its user namespace: a child tries.
  const r = spawnSync("unshare", ["--user", "true"], { encoding: "utf8" });
  return r.status === 0 ? yes : { is: "unclear", error: r.error ?? new Error(r.stderr) };
});
