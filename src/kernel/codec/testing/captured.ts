/** A message as `ip` sent it, read by a codec and written again. */
import { unhex } from "../../../base/bytes.ts";
import { splitMessages } from "../message.ts";

interface Codec {
  read(b: Uint8Array): object;
  write(v: never): Uint8Array;
}

/**
 * Header and payload of the one message of a capture: type, flags, value.
 * @throws Error when writing the value gives another number of bytes, or bytes that read otherwise
 */
export const reads = (codec: Codec, ...lines: string[]): { type: number; flags: number; value: object } => {
  const [m, ...more] = splitMessages(unhex(lines.join("")));
  if (!m || more.length > 0) throw new Error("not one message");
  const value = codec.read(m.payload);
  const again = codec.write(value as never);
  if (again.length !== m.payload.length || !Bun.deepEquals(codec.read(again), value, true))
    throw new Error(`written again it is another message: ${JSON.stringify(codec.read(again))}`);
  return { type: m.type, flags: m.flags, value };
};
