/** What ADD and DEL read from the kernel does not grow with what others hold; `nft` puts the others there. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { JsonObject } from "../../base/json-types.ts";
import { run } from "../../kernel/testing/run.ts";
import { openKernel } from "../../net/kernel.ts";
import { bridgeConf } from "../plugins/bridge/testing/conf.ts";
import { kernelIn, type Stage, withStage } from "../testing/stage.ts";

setDefaultTimeout(120_000);

const OTHERS = 5000;
/** What a search may read beyond the element that ends it: the kernel gives a few kilobytes at once, and more the next time. */
const BEYOND = 32 * 1024;

/** A set, and what nft is to say of the other `i`, whose address is `a` and whose link is `v`. */
const others: Readonly<Record<string, (i: number, a: string, v: string, c: string) => string>> = {
  "inet podwire_masquerade pods4": (_, a, _v, c) => `${a} ${c} : goto outside_10.1.0.0/16`,
  "inet podwire_portmap pods4": (_, a, _v, c) => `${a} ${c} : goto within_10.1.0.0/16`,
  "inet podwire_portmap any4": (i, a, _v, c) => `tcp . ${10_000 + i} ${c} : ${a} . 80`,
  "inet podwire_firewall pods4": (_, a, _v, c) => `${a} ${c}`,
  "inet podwire_firewall same_bridge4": (_, a, _v, c) => `${a} . "br0" ${c}`,
  "inet podwire_firewall isolated4": (_, a, _v, c) => `${a} . "br0" ${c}`,
  "bridge podwire_firewall isolated": (_, _a, v, c) => `"${v}" ${c}`,
  "bridge podwire_macspoof guarded": (_, _a, v, c) => `"${v}" ${c}`,
  "bridge podwire_macspoof allowed": (i, _a, v, c) =>
    `"${v}" . 02:00:00:00:${(i >> 8).toString(16)}:${(i & 255).toString(16)} ${c}`,
};

const crowd = (s: Stage): void => {
  const indexes = Array.from({ length: OTHERS }, (_, i) => i);
  const lines = Object.entries(others).map(([set, words]) => {
    const elements = indexes.map((i) =>
      words(i, `10.1.${100 + (i >> 8)}.${i & 255}`, `vx${i}`, `comment "podwire net1/other${i}/eth0"`),
    );
    return `add element ${set} { ${elements.join(", ")} }`;
  });
  run(["nsenter", `--net=${s.host.path}`, "nft", "-f", "-"], { input: lines.join("\n") });
};

type Chain = readonly (readonly [what: string, conf: (s: Stage) => JsonObject])[];

const ports = (hostPort: number): JsonObject => ({ portMappings: [{ hostPort, containerPort: 80, protocol: "tcp" }] });
const firewall = { cniVersion: "1.1.0", name: "net1", type: "firewall" };
const chain = (hostPort: number): Chain => [
  ["bridge", (s) => bridgeConf(s, { isGateway: true, ipMasq: true, macspoofchk: true }, ["10.1.0.0/16"])],
  ["portmap", () => ({ cniVersion: "1.1.0", name: "net1", type: "portmap", runtimeConfig: ports(hostPort) })],
  ["firewall", () => firewall],
  ["firewall same-bridge", () => ({ ...firewall, ingressPolicy: "same-bridge" })],
  ["firewall isolated", () => ({ ...firewall, ingressPolicy: "isolated" })],
];

/** Bytes that each ADD and each DEL reads. */
const readBy = async (
  s: Stage,
  containerId: string,
  hostPort: number,
  stays = false,
): Promise<Record<string, number>> => {
  const pod = s.pod();
  const seen: Record<string, number> = {};
  let prevResult: JsonObject | undefined;
  const act = async (verb: string, what: string, conf: JsonObject): Promise<JsonObject> => {
    let bytes = 0;
    const wireLog = {
      add: (_: unknown, b: Uint8Array, way: string): void => {
        if (way === "in") bytes += b.length;
      },
      [Symbol.dispose]: () => {},
    };
    using kernel = kernelIn(s.host.path, openKernel({ wireLog }));
    const { exit, json } = await s.call(
      verb,
      { ...conf, ...(prevResult && { prevResult }) },
      { pod, containerId },
      kernel,
    );
    expect({ verb, what, exit, json }).toMatchObject({ exit: 0 });
    seen[`${verb} ${what}`] = bytes;
    return json;
  };
  const all = chain(hostPort);
  const step = async ([what, conf]: Chain[number]): Promise<void> => {
    const json = await act("ADD", what, conf(s));
    prevResult ??= json;
    // The next one of the same kind would find what this one holds.
    if (!stays && what !== "bridge") await act("DEL", what, conf(s));
  };
  for (const one of all) await step(one);
  if (!stays) await act("DEL", "bridge", all[0]![1](s));
  return seen;
};

test("ADD and DEL among thousands read no more than alone", () =>
  withStage(async (s) => {
    // So that every table is there, and stays.
    await readBy(s, "first", 901, true);
    const alone = await readBy(s, "alone", 902);
    crowd(s);
    const among = await readBy(s, "among", 902);
    const grown = Object.keys(alone).filter((what) => among[what]! > alone[what]! + BEYOND);
    expect({ grown, alone, among }).toMatchObject({ grown: [] });
  }));
