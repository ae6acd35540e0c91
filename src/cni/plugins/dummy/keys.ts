/** dummy's config keys, for help, docs and schemas. */
import { dnsKey, ipamKey } from "../../attach/child/keys.ts";
import type { KeyDoc } from "../../plugin.ts";

export const dummyKeys: readonly KeyDoc[] = [ipamKey("none: has to be there"), dnsKey];
