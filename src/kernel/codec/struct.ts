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
  const list = Object.entries(fields);
  const size = list.reduce((n, [, f]) => n + f.size, 0);
  return {
    size,
    read: (b) => {
      const out: Record<string, unknown> = {};
      let at = 0;
      for (const [name, f] of list) {
        if (!name.startsWith("_")) out[name] = f.read(b.subarray(at, at + f.size));
        at += f.size;
      }
      return out as StructOf<F>;
    },
    write: (value) => {
      const out = new Uint8Array(size);
      let at = 0;
      for (const [name, f] of list) {
        const v = (value as Record<string, unknown>)[name];
        if (v !== undefined) out.set(f.write(v), at);
        at += f.size;
      }
      return out;
    },
  };
};
