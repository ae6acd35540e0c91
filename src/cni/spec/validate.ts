/** The names that CNI lets in (spec 1.1.0, sections 1 and 2). Each check returns nothing and throws its fault. */
import { FaultError } from "../../base/fault.ts";
import { badConfig } from "../../base/json-read.ts";

// Letter by letter, not by patterns: a plugin asks once, and making a pattern ready takes longer than all these names.
const isLetterOrDigit = (c: string): boolean =>
  (c >= "0" && c <= "9") || (c >= "A" && c <= "Z") || (c >= "a" && c <= "z");
const isPlainName = (name: string): boolean => {
  for (let i = 0; i < name.length; i++)
    if (!isLetterOrDigit(name[i]!) && (i === 0 || !"_.-".includes(name[i]!))) return false;
  return name !== "";
};
const nameRule = "expected a letter or digit, then letters, digits, dots, dashes and underscores";

/** CNI_CONTAINERID. @throws FaultError unknown-container when empty, else bad-env */
export const checkContainerId = (id: string): void => {
  if (id === "") throw new FaultError({ kind: "unknown-container", id, why: "the container ID is empty" });
  if (!isPlainName(id))
    throw new FaultError({ kind: "bad-env", vars: ["CNI_CONTAINERID"], why: `${nameRule}, got ${JSON.stringify(id)}` });
};

/** `name` of a network. @throws FaultError bad-config */
export const checkNetworkName = (name: string, at = "name"): void => {
  if (name === "") throw badConfig(at, "expected the name of the network, got nothing");
  if (!isPlainName(name)) throw badConfig(at, `${nameRule}, got ${JSON.stringify(name)}`);
};

/** IFNAMSIZ of linux/if.h less the final NUL: bytes, not letters. */
const maxIfname = 15;

/** What is wrong with an interface name (the rule of the kernel's dev_valid_name), or undefined. */
export const ifnameProblem = (name: string): string | undefined => {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes === 0) return "expected the name of an interface, got nothing";
  if (bytes > maxIfname) return `expected at most ${maxIfname} bytes, got ${bytes}: ${JSON.stringify(name)}`;
  if (name === "." || name === "..") return `${JSON.stringify(name)} cannot name an interface`;
  // Directories of net.ipv4.conf and its like: the kernel makes no interface of that name, and says EINVAL.
  if (name === "all" || name === "default") return `${JSON.stringify(name)} is the kernel's own word, no interface's`;
  for (let i = 0; i < name.length; i++) {
    const c = name[i]!;
    if ("/:\0\u0085".includes(c) || c.trim() === "")
      return `${JSON.stringify(name)} has ${JSON.stringify(c)} in it, which no interface name may have`;
  }
  return undefined;
};

/** CNI_IFNAME. @throws FaultError bad-env */
export const checkIfname = (name: string): void => {
  const why = ifnameProblem(name);
  if (why) throw new FaultError({ kind: "bad-env", vars: ["CNI_IFNAME"], why });
};

/** `type` of a plugin: the name of a program in CNI_PATH, never a path. @throws FaultError bad-config */
export const checkPluginType = (type: string, at = "type"): void => {
  if (type === "") throw badConfig(at, "expected the name of a plugin, got nothing");
  if (type === "." || type === ".." || /[/\\\0]/.test(type))
    throw badConfig(at, `expected the name of a program in CNI_PATH, got ${JSON.stringify(type)}`);
};
