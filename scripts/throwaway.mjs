/** Runs a program in a network and mount namespace of its own, so that nothing it does reaches the machine. */
import { join } from "node:path";
import { getuid } from "node:process";
import { capture, fail, pass, root } from "./words.mjs";

/** The exit code that says: something was left behind. */
export const leaked = 70;

export const inThrowaway = (program, args) => {
  const isRoot = getuid() === 0;
  const user = isRoot ? [] : ["--user", "--map-root-user"];
  const unshare = [...user, "--net", "--mount", "--propagation", "private", "--"];
  const tried = capture("unshare", [...unshare, "true"]);
  if (tried.code !== 0)
    fail(`this machine gives us no namespaces: ${tried.text}`, isRoot ? "run with CAP_SYS_ADMIN" : "run as root");
  const inside = join(root, "scripts", "throwaway-inside.mjs");
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return pass("unshare", [...unshare, process.execPath, inside, program, ...args], { env });
};
