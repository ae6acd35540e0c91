/** May this process make network namespaces, and is it inside a user's lab? */
import { readFileSync } from "node:fs";
import type { Env } from "../place.ts";

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

/** Set by the command that enters a user's lab, for the one that runs inside: the name of that lab. */
export const insideVariable = "PODWIRE_LAB_INSIDE";

/** CAP_SYS_ADMIN and CAP_NET_ADMIN, in whatever user namespace we are. */
export const mayMakeNamespaces = (): boolean => {
  const text = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  const caps = BigInt(`0x${text}`);
  return [CAP_NET_ADMIN, CAP_SYS_ADMIN].every((cap) => (caps >> cap) & 1n);
};

/** An ordinary user's labs each live in namespaces of their own, which a command must enter first. */
export const needsHolder = (env: Env): boolean => env[insideVariable] === undefined && !mayMakeNamespaces();
