/** The config of `static` as values. */
import type { Dns, ResultIp, ResultRoute } from "../../spec/types.ts";

export interface StaticConfig {
  /** Each with its gateway, if any; at least one for ADD and CHECK. */
  readonly ips: readonly ResultIp[];
  readonly routes: readonly ResultRoute[];
  readonly dns: Dns;
}
