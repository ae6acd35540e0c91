/** Runs a program in a network and mount namespace of its own, so that nothing it does reaches the machine. */
import { join } from "node:path";
import { getuid } from "node:process";
import { capture, fail, pass, root } from "./words.mjs";

/** The exit code that says: something was left behind. */
export const leaked = 70;

const unshare = (asRoot) => {
  const user = asRoot ? [] : ["--user", "--map-root-user"];
  return ["unshare", ...user, "--net", "--mount", "--propagation", "private", "--"];
};

/** The whole command line; `script` is what runs our inner script, Node or Bun. */
export const throwawayCommand = (program, args, { asRoot = getuid() === 0, script = process.execPath } = {}) => {
  const inside = join(root, "scripts", "throwaway-inside.mjs");
  return [...unshare(asRoot), script, inside, program, ...args];
};

/** Runs it with our own stdio. Gives what `pass` gives. */
export const inThrowaway = (program, args) => {
  const asRoot = getuid() === 0;
  const [trial, ...flags] = [...unshare(asRoot), "true"];
  const tried = capture(trial, flags);
  if (tried.text.includes("ENOENT"))
    fail(
      "there is no program unshare on your PATH, which gives the tests their namespaces",
      "apt-get install util-linux mount",
    );
  if (tried.code !== 0)
    fail(`this machine gives us no namespaces: ${tried.text}`, asRoot ? "run with CAP_SYS_ADMIN" : "run as root");
  const [command, ...rest] = throwawayCommand(program, args);
  return pass(command, rest, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
};
