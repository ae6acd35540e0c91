/** Every check, in the order in which they are shown: a new one is a file and a line. */
import type { Check } from "../check.ts";
import { hostnameCheck } from "./hostname.ts";
import { portsFreeCheck } from "./ports-free.ts";

export const checks: readonly Check[] = [hostnameCheck, portsFreeCheck];
