/** The keys that the schema of cases knows at a place, for "did you mean". */
import { chapterSchema } from "./schema.ts";

/** What valibot's schemas have that others are made of. */
interface Made {
  readonly entries?: Readonly<Record<string, Made>>;
  readonly item?: Made;
  readonly wrapped?: Made;
  readonly getter?: (input: unknown) => Made;
  readonly pipe?: readonly Made[];
}

/** `value` is the whole file, since the kind of a step depends on what stands in it. */
export const keysAt = (path: readonly (string | number)[], value: unknown): string[] => {
  let schema: Made | undefined = bare(chapterSchema as Made, value);
  let here = value;
  for (const key of path) {
    here = (here as Readonly<Record<string | number, unknown>> | undefined)?.[key];
    const inner: Made | undefined = typeof key === "number" ? schema?.item : schema?.entries?.[key];
    schema = inner && bare(inner, here);
  }
  return Object.keys(schema?.entries ?? {});
};

const bare = (schema: Made, value: unknown): Made => {
  const inner = schema.wrapped ?? schema.getter?.(value);
  return inner ? bare(inner, value) : schema;
};
