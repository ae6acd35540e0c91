/** `setup()`: node_modules as package-lock.json says, and the path of Bun. Does nothing when all is in place. */
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { bunBinary } from "./bun.mjs";
import { capture, fail, hashOf, root, say } from "./words.mjs";

const modules = join(root, "node_modules");
const stamp = join(modules, ".podwire-stamp");

const installed = (want) => existsSync(stamp) && readFileSync(stamp, "utf8") === want;

/** A link to another checkout's node_modules is that checkout's to keep. */
const borrowed = () => existsSync(modules) && lstatSync(modules).isSymbolicLink();

export const setup = () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 12))
    fail(`Node ${process.versions.node} is too old`, "install Node 20.12 or later");
  const want = hashOf(["package.json", "package-lock.json"], process.arch);
  if (!borrowed() && !installed(want)) {
    say("installing the packages of package-lock.json");
    const npm = capture("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    if (npm.code !== 0) {
      say(npm.text);
      fail(
        "npm ci failed; its words are above",
        "when the network is the cause, mend it and run the same command again",
      );
    }
    writeFileSync(stamp, want);
  }
  return bunBinary();
};

if (argv[1] === fileURLToPath(import.meta.url)) console.log(setup());
