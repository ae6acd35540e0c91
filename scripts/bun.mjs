/**
 * Bun's real binary. The `bun` package on npm is a launcher that its install script would replace; install scripts
 * are off here, so we take the binary from the platform package that npm chose.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { capture, fail, root, say } from "./words.mjs";

/** Our name of a build target, to the name of Bun's platform package and of its compile target. */
export const targets = {
  "linux-x64": { package: "@oven/bun-linux-x64", compile: "bun-linux-x64" },
  "linux-x64-baseline": { package: "@oven/bun-linux-x64-baseline", compile: "bun-linux-x64-baseline" },
  "linux-arm64": { package: "@oven/bun-linux-aarch64", compile: "bun-linux-arm64" },
};

const lock = () => JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;

export const bunVersion = () => lock()["node_modules/bun"].version;

/** The target that this machine runs; Bun's usual x64 build needs AVX2. */
export const hostTarget = () => {
  if (process.platform !== "linux") fail(`podwire is built on Linux; this is ${process.platform}`);
  if (process.arch === "arm64") return "linux-arm64";
  if (process.arch !== "x64") fail(`there is no Bun for ${process.arch}; podwire is built on x64 or arm64`);
  return /^flags\s*:.*\bavx2\b/m.test(readFileSync("/proc/cpuinfo", "utf8")) ? "linux-x64" : "linux-x64-baseline";
};

const integrity = (file) => `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;

/** Fetches a target's binary by npm, pinned to our version of Bun, into .cache/. */
const fetchBinary = (target) => {
  const name = targets[target].package;
  const version = bunVersion();
  const home = join(root, ".cache", "bun", `${target}-${version}`);
  const binary = join(home, "bin", "bun");
  if (existsSync(binary)) return binary;
  say(`fetching ${name} ${version}`);
  const part = `${home}.${process.pid}`;
  mkdirSync(part, { recursive: true });
  const packed = capture("npm", ["pack", `${name}@${version}`, "--json", "--pack-destination", part]);
  if (packed.code !== 0) {
    rmSync(part, { recursive: true, force: true });
    fail(
      `npm could not fetch ${name}@${version}:\n${packed.text}`,
      "check the network or the npm registry, then again",
    );
  }
  const archive = join(part, JSON.parse(packed.out)[0].filename.replace("@", "").replace("/", "-"));
  const wanted = lock()[`node_modules/${name}`]?.integrity;
  if (wanted && wanted !== integrity(archive)) fail(`${name}@${version} is not what package-lock.json names`);
  const unpacked = capture("tar", ["-xzf", archive, "-C", part, "--strip-components=1"]);
  if (unpacked.code !== 0) fail(`tar could not unpack ${name}:\n${unpacked.text}`);
  rmSync(archive);
  rmSync(home, { recursive: true, force: true });
  renameSync(part, home);
  return binary;
};

/** Path of the Bun binary for a target; of this machine's own when none is named. */
export const bunBinary = (target = hostTarget()) => {
  const installed = join(root, "node_modules", targets[target].package, "bin", "bun");
  return existsSync(installed) ? installed : fetchBinary(target);
};
