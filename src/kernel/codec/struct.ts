/** C structs of fixed-width fields, in the order they are written down. */
import type { Fixed } from "./codec.ts";

type Fields = { readonly [name: string]: Fixed<unknown> };
/** Field values; a field left out is written as zeros. Padding (names that start with `_`) is not part of the value. */
export type StructOf<F extends Fields> = {
  readonly [K in keyof F as K extends `_${string}` ? never : K]: F[K] extends Fixed<infer T> ? T : never;
};

export interface Struct<F extends Fields> {
  readonly size: number;
  read(b: Uint8Array): StructOf<F>;
  write(value: Partial<StructOf<F>>): Uint8Array;
}

export const struct = <F extends Fields>(fields: F): Struct<F> => {
  let size = 0;
  const list: { readonly name: string; readonly at: number; readonly field: Fixed<unknown> }[] = [];
  for (const name in fields) {
    const field = fields[name]!;
    if (!name.startsWith("_")) list.push({ name, at: size, field });
    size += field.size;
  }
  return {
    size,
    read: (b) => {
      const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
      const out: Record<string, unknown> = {};
      for (const { name, at, field } of list) out[name] = field.get(v, at);
      return out as StructOf<F>;
    },
    write: (value) => {
      const out = new Uint8Array(size);
      const v = new DataView(out.buffer);
      const values = value as Record<string, unknown>;
      for (const { name, at, field } of list) if (values[name] !== undefined) field.put(v, at, values[name]);
      return out;
    },
  };
};
