/** A host made of texts: files by path, sysctls by name. Input for checks that decide on files; what it lacks is not there, and its rules may not be read. */
import { FaultError } from "../../base/fault.ts";
import type { Host } from "../host.ts";

export interface HostTexts
  extends Partial<Omit<Host, "read" | "readOwn" | "list" | "sysctl" | "processes" | "labelOf">> {
  readonly files?: Readonly<Record<string, string>>;
  readonly sysctls?: Readonly<Record<string, string>>;
  /** SELinux contexts by path. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Names; their numbers are 100 and on. */
  readonly running?: readonly string[];
}

export const textHost = ({ files = {}, sysctls = {}, labels = {}, running = [], ...rest }: HostTexts): Host => {
  const read = (path: string): string | undefined => files[path];
  return {
    name: "node1",
    kind: "machine",
    root: true,
    links: [],
    addresses: [],
    routes: [],
    rules: [],
    listeners: [],
    get ns(): never {
      throw new Error("this host of texts has no kernel");
    },
    get ruleset(): never {
      throw new FaultError({ kind: "permission", op: "nft list ruleset", needs: "CAP_NET_ADMIN" });
    },
    ...rest,
    processes: running.map((name, i) => ({ pid: 100 + i, name })),
    read,
    readOwn: read,
    list: (dir) =>
      [
        ...new Set(
          Object.keys(files)
            .filter((path) => path.startsWith(`${dir}/`))
            .map((path) => path.slice(dir.length + 1).split("/")[0]!),
        ),
      ].sort(),
    sysctl: (name) => sysctls[name.replaceAll("/", ".")],
    labelOf: (path) => labels[path],
  };
};
