/** A runtime over three plugins that take notes, and a container: what the tests of chains start from. */
import { join } from "node:path";
import { type Fault, FaultError } from "../../../base/fault.ts";
import { makeNetns } from "../../../kernel/testing/netns.ts";
import { parseNetwork } from "../../spec/list.ts";
import { type Attach, openRuntime, type RuntimeOptions } from "../runtime.ts";
import { type FakeHost, fakeHost } from "./fake-plugins.ts";

/** The plugins a, b and c. */
export const abc = (version = "1.0.0", more = {}) =>
  parseNetwork({ cniVersion: version, name: "net", plugins: [{ type: "a" }, { type: "b" }, { type: "c" }], ...more });

export const setUp = (more: Partial<RuntimeOptions> = {}) => {
  const host = fakeHost();
  const ns = makeNetns();
  host.plugins("a", "b", "c");
  const logged: string[] = [];
  const runtime = openRuntime({
    confDir: host.confDir,
    path: [host.binDir],
    cacheDir: host.cacheDir,
    log: (line) => logged.push(line),
    pause: () => Promise.resolve(),
    ...more,
  });
  const attach: Attach = { containerId: "c1", netns: ns.path, ifname: "eth0" };
  const entry = (): string => join(host.cacheDir, "results", "net-c1-eth0");
  return {
    host,
    runtime,
    attach,
    logged,
    entry,
    [Symbol.dispose]: () => {
      host[Symbol.dispose]();
      ns[Symbol.dispose]();
    },
  };
};

export const faultFrom = async (act: Promise<unknown>): Promise<Fault> => {
  const error = await act.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof FaultError)) throw new Error(`expected a fault, got ${String(error)}`);
  return error.fault;
};
/** The interfaces of the prevResult that each call got. */
export const prevOf = (host: FakeHost) => host.calls().map((c) => names(c.stdin.prevResult));
const names = (result: unknown) => (result as { interfaces?: { name: string }[] })?.interfaces?.map((i) => i.name);
