/** DNS messages (RFC 1035), as far as a question for one address goes. */
import { concatBytes } from "../../base/bytes.ts";

const A = 1;
const IN = 1;
const RECURSION_DESIRED = 0x0100;

/** A question for the IPv4 address of a name. Labels are 1 to 63 bytes of ASCII. */
export const dnsQuestion = (id: number, name: string): Uint8Array => {
  const labels = name.split(".").filter(Boolean);
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RECURSION_DESIRED);
  view.setUint16(4, 1);
  const ascii = new TextEncoder();
  return concatBytes([
    head,
    ...labels.flatMap((label) => [Uint8Array.of(label.length), ascii.encode(label)]),
    Uint8Array.of(0, 0, A, 0, IN),
  ]);
};

export interface DnsAnswer {
  readonly id: number;
  /** RCODE: 0 no error, 3 no such name. */
  readonly code: number;
  /** How many records answer the question. */
  readonly answers: number;
}

/** Undefined for what is no answer. */
export const readDnsAnswer = (b: Uint8Array): DnsAnswer | undefined => {
  if (b.length < 12) return undefined;
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  const flags = view.getUint16(2);
  if ((flags & 0x8000) === 0) return undefined;
  return { id: view.getUint16(0), code: flags & 15, answers: view.getUint16(6) };
};
