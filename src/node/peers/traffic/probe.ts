/**
 * The 28 bytes that go from node to node: who knows the run's key knows its own again, and answers no other. An answer
 * is never longer than what it answers, so nobody is flooded by our answering. Pure but for the hash.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Probe {
  readonly kind: "request" | "answer";
  readonly id: number;
  /** Bytes of the IP packet that it was sent in, on the way there. */
  readonly size: number;
}

export const probeSize = 28;
const MAGIC = 0x70777072; // "pwpr"
const head = 12;

const macOf = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  createHmac("sha256", key)
    .update(bytes)
    .digest()
    .subarray(0, probeSize - head);

/** Padded with zeros to `length` bytes. */
export const writeProbe = (key: Uint8Array, { kind, id, size }: Probe, length = probeSize): Uint8Array => {
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC);
  view.setUint8(4, kind === "request" ? 1 : 2);
  view.setUint16(6, size);
  view.setUint32(8, id);
  out.set(macOf(key, out.subarray(0, head)), head);
  return out;
};

/** Undefined when it is not of this run. */
export const readProbe = (key: Uint8Array, bytes: Uint8Array): Probe | undefined => {
  if (bytes.length < probeSize) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(4);
  if (view.getUint32(0) !== MAGIC || (kind !== 1 && kind !== 2)) return undefined;
  if (!timingSafeEqual(bytes.subarray(head, probeSize), macOf(key, bytes.subarray(0, head)))) return undefined;
  return { kind: kind === 1 ? "request" : "answer", id: view.getUint32(8), size: view.getUint16(6) };
};
