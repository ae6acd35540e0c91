/**
 * All that the one who coordinates may ask of a node, and the answers. Nothing here runs a program, reads a file of the
 * asker's choice or sends what the asker chose: ports are those of the table, packets are our own 28 bytes.
 */
import * as v from "valibot";
import { isLoopback } from "../../../base/ip.ts";
import { portRows } from "../../ports/ports.ts";
import { peersPort } from "../link/token.ts";
import { doorSchema, doorStateSchema, pathFoundSchema, pathSchema, triedSchema, trySchema } from "../traffic/tried.ts";
import { factsSchema } from "./facts.ts";

const most = 20_000;
const list = <T extends v.GenericSchema>(of: T) => v.pipe(v.array(of), v.maxLength(most));
const id = v.pipe(v.number(), v.integer(), v.minValue(0));
const moment = v.pipe(v.number(), v.finite());

interface Spot {
  readonly protocol: "tcp" | "udp" | "ip";
  readonly port: number;
}

/** Ports that a node opens and tries: those of a cluster, and the one for packets of every size. */
export const ofTheTable = ({ protocol, port }: Spot): boolean =>
  (protocol === "udp" && port === peersPort) ||
  portRows.some((row) => row.protocol === protocol && port >= row.ports[0] && port <= row.ports[1]);

const table = <T extends Spot>(spots: readonly T[]): boolean => spots.every(ofTheTable);
const notOfTheTable = "only ports of the table of ports";
const noGroup = <T extends { ip: string }>(spots: readonly T[]): boolean =>
  spots.every(({ ip }) => !/^(0\.|22[4-9]\.|23\d\.|2[45]\d\.|ff)/.test(ip) && ip !== "::");
const oneNode = "addresses of one node each";

export const askSchema = v.variant("ask", [
  v.strictObject({ id, ask: v.literal("facts") }),
  v.strictObject({ id, ask: v.literal("clock") }),
  v.strictObject({
    id,
    ask: v.literal("open"),
    /** Of the run: 64 hexadecimal digits. */
    key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    doors: v.pipe(list(doorSchema), v.check(table, notOfTheTable)),
  }),
  v.strictObject({
    id,
    ask: v.literal("try"),
    timeoutMs: v.pipe(v.number(), v.minValue(10), v.maxValue(10_000)),
    tries: v.pipe(list(trySchema), v.check(table, notOfTheTable), v.check(noGroup, oneNode)),
  }),
  v.strictObject({
    id,
    ask: v.literal("paths"),
    paths: v.pipe(
      list(pathSchema),
      v.check((paths) => table(paths.map(({ port }) => ({ protocol: "udp" as const, port }))), notOfTheTable),
      v.check(noGroup, oneNode),
      v.check((paths) => paths.every((p) => !isLoopback(p.ip)), oneNode),
    ),
  }),
  v.strictObject({ id, ask: v.literal("arrived") }),
  v.strictObject({ id, ask: v.literal("end") }),
]);
export type Ask = v.InferOutput<typeof askSchema>;

/** By ask, what is answered; `heard` and `said` are the answering node's clock, in milliseconds since the epoch. */
export const answerSchemas = {
  facts: factsSchema,
  clock: v.strictObject({ heard: moment, said: moment }),
  open: v.array(doorStateSchema),
  try: v.array(triedSchema),
  paths: v.array(pathFoundSchema),
  arrived: v.array(id),
  end: v.strictObject({}),
} as const;
export type Answers = { [K in keyof typeof answerSchemas]: v.InferOutput<(typeof answerSchemas)[K]> };

export const replySchema = v.union([
  v.strictObject({ id, answer: v.unknown() }),
  v.strictObject({ id, refused: v.pipe(v.string(), v.maxLength(1000)) }),
]);

/** What is wrong with a value, in one line. */
export const issueText = (issues: readonly { readonly message: string; readonly path?: unknown }[]): string =>
  issues[0]?.message ?? "not understood";
