/**
 * What plugin and daemon say to each other over the socket: one JSON object on one line each way, and then the daemon
 * closes. Described in docs/plugins/dhcp.md. Pure.
 */
import { type Fault, FaultError } from "../../../base/fault.ts";
import { parseJson, stringifyJson } from "../../../base/json.ts";
import { isObject, type Reader, reader } from "../../../base/json-read.ts";
import type { Json, JsonObject } from "../../../base/json-types.ts";
import type { DhcpOptions } from "../../../kernel/codec/dhcp/message.ts";
import type { Attachment } from "../../spec/types.ts";
import { decodeLease, decodeOptions, encodeLease, encodeOptions, type Holder, type Lease } from "./lease.ts";

/** What a plugin asks. */
export type Question =
  /** A lease for the link `ifname` in `netns`; answered when there is one. */
  | {
      readonly op: "acquire";
      readonly holder: Holder;
      readonly netns: string;
      /** Options to tell the server; without the client identifier, unless it is given. */
      readonly provide: DhcpOptions;
      readonly request: readonly number[];
    }
  /** The lease as it is now. */
  | { readonly op: "show"; readonly holder: Holder }
  /** Gives a lease back; one that is not there will do. */
  | { readonly op: "release"; readonly holder: Holder }
  /** Gives back all leases of a network but those of the attachments named. */
  | { readonly op: "keep"; readonly network: string; readonly valid: readonly Attachment[] }
  /** Could a lease be kept now? */
  | { readonly op: "status" };

export type Reply = { readonly lease?: Lease } | { readonly fault: Fault };

const readHolder = (r: Reader): Holder => ({
  network: r.needString("network"),
  containerId: r.needString("containerId"),
  ifname: r.needString("ifname"),
});

export const encodeQuestion = (q: Question): string => {
  if (q.op === "acquire") {
    const { holder, provide, request, ...rest } = q;
    return line({ ...rest, ...holder, provide: encodeOptions(provide), request: [...request] });
  }
  if (q.op === "keep") return line({ ...q, valid: q.valid.map((a) => ({ ...a })) });
  return line(q.op === "status" ? { op: q.op } : { op: q.op, ...q.holder });
};

/** @throws FaultError bad-syntax, bad-config */
export const decodeQuestion = (text: string): Question => {
  const r = reader(parseJson(text, "question"), "question");
  const op = r.needString("op");
  switch (op) {
    case "acquire":
      return {
        op,
        holder: readHolder(r),
        netns: r.needString("netns"),
        provide: decodeOptions(r.object("provide") ?? reader({})),
        request: (r.array("request") ?? []).map(Number),
      };
    case "show":
    case "release":
      return { op, holder: readHolder(r) };
    case "keep":
      return { op, network: r.needString("network"), valid: readValid(r) };
    case "status":
      return { op };
    default:
      throw new FaultError({
        kind: "unsupported",
        key: r.path("op"),
        value: op,
        why: "this daemon knows no such word",
      });
  }
};

/** A list has to be there: none never means that nothing lives. */
const readValid = (r: Reader): readonly Attachment[] => {
  const list = r.objects("valid");
  if (!list) throw new FaultError({ kind: "bad-config", at: r.path("valid"), why: "expected a list, got nothing" });
  return list.map((a) => ({ containerId: a.needString("containerId"), ifname: a.needString("ifname") }));
};

export const encodeReply = (reply: Reply): string =>
  "fault" in reply
    ? line({ fault: JSON.parse(JSON.stringify(reply.fault)) as Json })
    : line(reply.lease ? { lease: encodeLease(reply.lease) } : {});

/** The lease, when the answer has one. @throws FaultError what the daemon says went wrong */
export const decodeReply = (text: string): Lease | undefined => {
  const r = reader(parseJson(text, "answer of the daemon"), "answer of the daemon");
  const fault = r.value("fault");
  // Made by this very program, by the constructor of the union.
  if (isObject(fault)) throw new FaultError(fault as unknown as Fault);
  const lease = r.value("lease");
  return lease === undefined ? undefined : decodeLease(lease, "lease");
};

const line = (value: JsonObject): string => `${stringifyJson(value)}\n`;
