/** A message as `ip` sent it, read by a codec and written again. */
import { expect } from "bun:test";
import { unhex } from "../../../base/bytes.ts";
import { splitMessages } from "../message.ts";

interface Codec {
  read(b: Uint8Array): object;
  write(v: never): Uint8Array;
}

/** Header and payload of the one message of a capture: type, flags, value. Writing it again gives as many bytes. */
export const reads = (codec: Codec, ...lines: string[]): { type: number; flags: number; value: object } => {
  const [m, ...more] = splitMessages(unhex(lines.join("")));
  if (!m || more.length > 0) throw new Error("not one message");
  const value = codec.read(m.payload);
  const again = codec.write(value as never);
  expect(again.length).toBe(m.payload.length);
  expect(codec.read(again)).toEqual(value);
  return { type: m.type, flags: m.flags, value };
};
