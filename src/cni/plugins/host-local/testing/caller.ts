/** A runtime in miniature for tests: calls the plugin's verbs on a directory of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { cidrText } from "../../../../base/cidr.ts";
import type { JsonObject } from "../../../../base/json-types.ts";
import type { Ports } from "../../../plugin.ts";
import type { Attachment, CniVersion, Request, Result, Verb } from "../../../spec/types.ts";
import { type Disk, systemDisk } from "../disk.ts";
import { hostLocalOn } from "../host-local.ts";

/** `under`: a faster place for many. */
export const tempDir = (under = tmpdir()): { readonly path: string } & Disposable => {
  const path = mkdtempSync(`${under}/podwire-host-local-`);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

export interface CallerOptions {
  readonly dataDir: string;
  readonly disk?: Disk;
  /** Keys of `ipam` beside `type` and `dataDir`. */
  readonly ipam?: JsonObject;
  /** Keys beside `ipam`. */
  readonly top?: JsonObject;
  readonly args?: string;
  readonly cniVersion?: CniVersion;
}

/** host-local asks none of the ports. */
const noPorts = {} as Ports;

export const caller = (o: CallerOptions) => {
  const plugin = hostLocalOn(o.disk ?? systemDisk);
  const cniVersion = o.cniVersion ?? "1.1.0";
  const raw: JsonObject = {
    cniVersion,
    name: "net",
    type: "bridge",
    ipam: { type: "host-local", dataDir: o.dataDir, ...o.ipam },
    ...o.top,
  };
  const args = o.args ?? "";
  const request = (verb: Exclude<Verb, "VERSION">, containerId: string, ifname: string): Request<never> => ({
    verb,
    cniVersion,
    network: "net",
    containerId,
    netns: "",
    ifname,
    args,
    path: [],
    config: plugin.parse(raw, { cniVersion, network: "net", args }) as never,
    raw,
  });
  return {
    raw,
    dir: `${o.dataDir}/net`,
    addResult: (id: string, ifname = "eth0"): Promise<Result> => plugin.add(request("ADD", id, ifname), noPorts),
    /** Gives the addresses, such as `10.1.0.2/29`. */
    async add(id: string, ifname = "eth0"): Promise<string[]> {
      return (await this.addResult(id, ifname)).ips.map((x) => cidrText(x.address));
    },
    del: (id: string, ifname = "eth0"): Promise<void> => plugin.del(request("DEL", id, ifname), noPorts),
    check: (id: string, prevResult?: Result, ifname = "eth0"): Promise<void> =>
      plugin.check({ ...request("CHECK", id, ifname), ...(prevResult && { prevResult }) }, noPorts),
    gc: (validAttachments?: readonly Attachment[]): Promise<void> =>
      plugin.gc({ ...request("GC", "", ""), ...(validAttachments && { validAttachments }) }, noPorts),
    status: (): Promise<void> => plugin.status(request("STATUS", "", ""), noPorts),
  };
};

/** The fault that a call ends with. */
export const faultFrom = async (call: Promise<unknown>): Promise<{ kind: string } & Record<string, unknown>> => {
  try {
    await call;
  } catch (error) {
    return (error as { fault: { kind: string } & Record<string, unknown> }).fault;
  }
  throw new Error("the call did not fail");
};
