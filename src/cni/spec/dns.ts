/** The `dns` object of configs and results. A list that is present counts as set even when it is empty. */
import type { Reader } from "../../base/json-read.ts";
import type { JsonObject } from "../../base/json-types.ts";
import type { Dns } from "./types.ts";

/** @throws FaultError bad-config */
export const decodeDns = (r: Reader | undefined): Dns => {
  const domain = r?.string("domain");
  const nameservers = r?.strings("nameservers");
  const search = r?.strings("search");
  const options = r?.strings("options");
  return {
    ...(nameservers && { nameservers }),
    ...(domain && { domain }),
    ...(search && { search }),
    ...(options && { options }),
  };
};

/** Empty lists are left out, as every version's readers expect. */
export const encodeDns = (dns: Dns): JsonObject => ({
  ...(dns.nameservers?.length && { nameservers: dns.nameservers }),
  ...(dns.domain && { domain: dns.domain }),
  ...(dns.search?.length && { search: dns.search }),
  ...(dns.options?.length && { options: dns.options }),
});

/** True when a config or a result says anything about DNS. */
export const hasDns = (dns: Dns): boolean => Object.keys(dns).length > 0;
