// The built executable, started again to make a tap device in another SELinux context: without one, what it makes.
import { expect, setDefaultTimeout } from "bun:test";
import { join } from "node:path";
import { tapProbe } from "../src/kernel/probe/tap.ts";
import { withNetns } from "../src/kernel/testing/netns.ts";
import { tryRun } from "../src/kernel/testing/run.ts";
import { skipUnless } from "../src/kernel/testing/skip.ts";

setDefaultTimeout(60_000);
const test = skipUnless(tapProbe);
const podwire = join(import.meta.dirname, "../dist/podwire");

test("as podwire-tap it makes one device in the namespace that it is started in, and says why it could not", () =>
  withNetns((ns) => {
    const make = () => {
      const words = `exec -a podwire-tap ${podwire} eth0 '{"owner":4242,"multiQueue":true}' 'ip tuntap add'`;
      return tryRun(["nsenter", `--net=${ns.path}`, "bash", "-c", words]);
    };
    expect(make()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(ns.ipJson("link show eth0")).toMatchObject([
      { linkinfo: { info_kind: "tun", info_data: { type: "tap", persist: true, multi_queue: true, user: 4242 } } },
    ]);
    const again = make();
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stderr)).toMatchObject({ kind: "exists", what: "link eth0" });
  }));
