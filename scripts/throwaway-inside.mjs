/**
 * The inner half of throwaway.mjs, in the new namespaces: makes them usable, runs the program that its arguments name,
 * and ends with that program's code, or with `leaked` when something was left behind.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { leaked } from "./throwaway.mjs";
import { fail, pass, say } from "./words.mjs";

const must = (program, args) => {
  const done = pass(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (done.code !== 0) fail(`\`${program} ${args.join(" ")}\` failed in the throwaway namespace`);
};

const links = () =>
  readFileSync("/proc/self/net/dev", "utf8")
    .split("\n")
    .slice(2)
    .flatMap((line) => line.split(":")[0].trim() || []);

// The whole of /run, since an ordinary user cannot make /run/netns. Nothing in it is seen from outside.
must("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]);
mkdirSync("/run/netns");
must("ip", ["link", "set", "lo", "up"]);

const before = new Set(links());
const [program, ...args] = argv.slice(2);
const done = pass(program, args);
if (done.why) say(`${program}: ${done.why}`);

const leaks = [
  ...readdirSync("/run/netns").map((name) => `network namespace ${name}`),
  ...links()
    .filter((name) => !before.has(name))
    .map((name) => `link ${name}`),
];
for (const leak of leaks) say(`LEAK: the run left ${leak}`);
exit(leaks.length > 0 ? leaked : done.code);
