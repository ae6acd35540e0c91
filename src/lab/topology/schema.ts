/**
 * What a person may write in a lab's file. Each message is what was wanted, so that an error can say it beside the
 * line. Published for editors as docs/lab.schema.json; a test holds the two together.
 */
import * as v from "valibot";
import { cidrFamily, hasHostBits, tryCidr } from "../../base/cidr.ts";
import { isLabName, labNameWant } from "./name.ts";

export const families = ["ipv4", "ipv6", "dual"] as const;
export const underlays = ["bridge", "router"] as const;
export const roles = ["control-plane", "worker"] as const;
export type LabFamily = (typeof families)[number];
export type UnderlayKind = (typeof underlays)[number];
export type Role = (typeof roles)[number];

export const limits = { nodes: 200, pods: 250, mtu: [1280, 65535], label: 60 } as const;

const labName = v.pipe(v.string("a name in lower case, such as podwire"), v.check(isLabName, labNameWant));

const count = (most: number, least: number, what: string) => {
  const want = `${what}: a whole number from ${least} to ${most}`;
  return v.pipe(v.number(want), v.integer(want), v.minValue(least, want), v.maxValue(most, want));
};

const subnet = (family: 4 | 6, longest: number, example: string) => {
  const want = `an IPv${family} subnet of /${longest} or larger, such as ${example}`;
  return v.pipe(
    v.string(want),
    v.check((text) => {
      const c = tryCidr(text);
      return c !== undefined && cidrFamily(c) === family && c.prefix <= longest && !hasHostBits(c);
    }, want),
  );
};

/** A map and no list: to JavaScript both are objects. */
const map = (want: string) =>
  v.custom<Record<string, unknown>>((x) => typeof x === "object" && x !== null && !Array.isArray(x), want);

const pods = count(limits.pods, 0, "pods on a node");
const label = v.pipe(
  v.string("a text"),
  v.maxLength(limits.label, `a text of at most ${limits.label} characters`),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a label is drawn on a terminal, which would obey them
  v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, "a text without control characters"),
);

const nodeEntries = {
  role: v.optional(v.picklist(roles, "control-plane or worker")),
  pods: v.optional(pods),
  label: v.optional(label),
};
const nodeWant = "a node such as { role: worker, pods: 2 }";
const nodeSchema = v.pipe(map(nodeWant), v.strictObject(nodeEntries, nodeWant));

const nodeList = v.pipe(
  v.array(nodeSchema, "a number of nodes, or a list of them"),
  v.minLength(1, "at least one node"),
  v.maxLength(limits.nodes, `at most ${limits.nodes} nodes`),
);

const topologyEntries = {
  name: v.optional(labName),
  label: v.optional(label),
  family: v.optional(v.picklist(families, "ipv4, ipv6 or dual")),
  underlay: v.optional(v.picklist(underlays, "bridge or router")),
  subnet: v.optional(subnet(4, 24, "10.244.0.0/16")),
  subnet6: v.optional(subnet(6, 64, "fd00:10:244::/48")),
  mtu: v.optional(
    v.pipe(
      v.number("bytes, from 1280 to 65535"),
      v.integer("bytes, from 1280 to 65535"),
      v.minValue(limits.mtu[0], "bytes, from 1280 to 65535"),
      v.maxValue(limits.mtu[1], "bytes, from 1280 to 65535"),
    ),
  ),
  cniBinDir: v.optional(v.pipe(v.string("an absolute path"), v.startsWith("/", "an absolute path"))),
  pods: v.optional(pods),
  // Chosen by what stands there, so that an error inside a list is told at its own place.
  nodes: v.optional(v.lazy((input) => (Array.isArray(input) ? nodeList : count(limits.nodes, 1, "nodes")))),
};
const topologyWant = "a lab such as { nodes: 3, pods: 2 }";
export const topologySchema = v.pipe(map(topologyWant), v.strictObject(topologyEntries, topologyWant));

export const topologyKeys: readonly string[] = Object.keys(topologyEntries);
export const nodeKeys: readonly string[] = Object.keys(nodeEntries);

/** A lab as it is asked for; everything left out has a default. */
export type Topology = v.InferOutput<typeof topologySchema>;
export type NodeSpec = v.InferOutput<typeof nodeSchema>;
