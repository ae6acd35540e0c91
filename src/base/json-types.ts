/** The values JSON has. Integers beyond 2^53 arrive as bigint so that nothing is rounded on the way through. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
