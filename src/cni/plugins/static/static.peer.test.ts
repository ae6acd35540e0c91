/** The reference's static and ours, given the same: the same result, or both refuse. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../../base/json-types.ts";
import { snapshot } from "../../testing/snapshot.ts";
import { type Answer, type Call, type Stage, withStage } from "../../testing/stage.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

interface Case {
  readonly ipam?: JsonObject;
  readonly more?: JsonObject;
  readonly args?: string;
}

const v4 = { address: "10.0.0.5/24", gateway: "10.0.0.1" };
const v6 = { address: "fd00::5/64", gateway: "fd00::1" };
const dual = { addresses: [v4, v6] };
const routes = [{ dst: "0.0.0.0/0" }, { dst: "192.168.0.0/16", gw: "10.0.0.9" }, { dst: "::/0", gw: "fd00::9" }];
const dns = { nameservers: ["10.0.0.53"], domain: "pod.test", search: ["pod.test", "test"], options: ["ndots:2"] };
const byArgs = { args: { cni: { ips: ["10.1.0.5/24", "fd01::5/64"] } } };
const byRuntime = { runtimeConfig: { ips: ["10.2.0.5/24"] } };

const given: Record<string, Case> = {
  IPv4: { ipam: { addresses: [v4] } },
  IPv6: { ipam: { addresses: [v6] } },
  "both, routes and dns": { ipam: { ...dual, routes, dns } },
  "no gateways": { ipam: { addresses: [{ address: "10.0.0.5/24" }, { address: "fd00::5/64", gateway: "" }] } },
  "two of a family": { ipam: { addresses: [v4, { address: "10.0.0.6/24" }, v6] } },
  "a gateway elsewhere": { ipam: { addresses: [{ address: "10.0.0.5/32", gateway: "169.254.1.1" }] } },
  "IPv4 spelled as IPv6": { ipam: { addresses: [{ address: "::ffff:10.0.0.5/120", gateway: "::ffff:10.0.0.1" }] } },
  "IPv6 in capitals, not shortened": { ipam: { addresses: [{ address: "FD00:0:0:0:0:0:0:5/64" }] } },
  "CNI_ARGS besides": { ipam: dual, args: "IP=10.3.0.5/24, fd03::5/64;GATEWAY=10.3.0.1,fd03::1" },
  "CNI_ARGS alone": { args: "IgnoreUnknown=1;K8S_POD_NAME=web;IP=10.3.0.5/24;GATEWAY=10.3.0.1" },
  "two gateways for one address": { args: "IP=10.3.0.5/24;GATEWAY=10.3.0.2,10.3.0.3" },
  "args over config and CNI_ARGS": { ipam: dual, more: byArgs, args: "IP=10.3.0.5/24;GATEWAY=10.3.0.1" },
  "runtimeConfig over all": { ipam: { ...dual, routes }, more: { ...byArgs, ...byRuntime }, args: "IP=10.3.0.5/24" },
  "empty lists": { ipam: dual, more: { args: { cni: { ips: [] } }, runtimeConfig: { ips: [] } }, args: "" },
};

const refused: Record<string, Case> = {
  "no prefix": { ipam: { addresses: [{ address: "10.0.0.5" }] } },
  "no address in an entry": { ipam: { addresses: [{}] } },
  "a prefix too long": { ipam: { addresses: [{ address: "10.0.0.5/33" }] } },
  "a bad gateway": { ipam: { addresses: [{ address: "10.0.0.5/24", gateway: "10.0.0" }] } },
  "CNI_ARGS without prefix": { ipam: dual, args: "IP=10.3.0.5" },
  "CNI_ARGS with a bad gateway": { ipam: dual, args: "GATEWAY=10.3.0" },
  "CNI_ARGS with an unknown key": { ipam: dual, args: "K8S_POD_NAME=web" },
  "args without prefix": { ipam: dual, more: { args: { cni: { ips: ["10.1.0.5"] } } } },
  "runtimeConfig without prefix": { ipam: dual, more: { runtimeConfig: { ips: ["10.1.0.5"] } } },
  "a bad route": { ipam: { ...dual, routes: [{ dst: "10.0.0" }] } },
};

const config = (c: Case, cniVersion: string, type = "static"): JsonObject => ({
  cniVersion,
  name: "net1",
  type,
  bridge: "br0",
  ipam: { type: "static", ...c.ipam },
  ...c.more,
});

/** Older libraries write an empty `dns` in 1.0.0 too. */
const told = ({ exit, json }: Answer): unknown => ({
  exit,
  ...json,
  ...(JSON.stringify(json.dns) === "{}" && { dns: undefined }),
});

const both = (s: Stage, conf: JsonObject, args = ""): Promise<[Answer, Answer]> => {
  const call: Call = { pod: s.pod(), args };
  return Promise.all([s.call("ADD", conf, call), s.reference("ADD", conf, call)]);
};

describe("the reference's static and ours give the same", () => {
  for (const [name, c] of Object.entries(given))
    test(name, () =>
      withStage(async (s) => {
        for (const version of ["0.3.1", "0.4.0", "1.0.0"]) {
          const [ours, theirs] = await both(s, config(c, version), c.args);
          expect(theirs).toMatchObject({ exit: 0 });
          expect(told(ours)).toEqual(told(theirs));
        }
      }),
    );
  test("in the shape of CNI 0.2.0", () =>
    withStage(async (s) => {
      const [ours, theirs] = await both(s, config({ ipam: { ...dual, routes, dns } }, "0.2.0"));
      expect(told(ours)).toEqual(told(theirs));
      for (const answer of await both(s, config(given["two of a family"]!, "0.2.0")))
        expect(answer).toMatchObject({ exit: 1 });
    }));
});

describe("what the reference's static refuses, ours refuses", () => {
  for (const [name, c] of Object.entries(refused))
    test(name, () =>
      withStage(async (s) => {
        for (const answer of await both(s, config(c, "1.0.0"), c.args)) expect(answer).toMatchObject({ exit: 1 });
      }),
    );
});

test("below the reference's bridge, and ours below ours, the pods are the same", async () => {
  const conf = config({ ipam: { ...dual, routes, dns } }, "1.0.0", "bridge");
  const seen: unknown[] = [];
  for (const who of ["reference", "call"] as const)
    await withStage(async (s) => {
      const pod = s.pod();
      const added = await s[who]("ADD", conf, { pod });
      expect(added).toMatchObject({ exit: 0 });
      expect(await s[who]("CHECK", { ...conf, prevResult: added.json }, { pod })).toMatchObject({ exit: 0 });
      // Early versions of the reference's bridge lose the dns of their IPAM plugin.
      seen.push({ ips: added.json.ips, routes: added.json.routes, ip: snapshot(pod) });
    });
  expect(seen[1]).toEqual(seen[0]);
});
