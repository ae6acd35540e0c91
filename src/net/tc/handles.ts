/** Handles of qdiscs and classes as `tc` writes them, MAJOR:MINOR in hexadecimal, and the places that are no handle. */
import { tcPlaces } from "../../kernel/codec/route/tc.ts";

/** `1:` is makeHandle(1), `1:30` is makeHandle(1, 0x30). */
export const makeHandle = (major: number, minor = 0): number => major * 0x1_0000 + minor;
export const majorOf = (handle: number): number => handle >>> 16;
export const minorOf = (handle: number): number => handle & 0xffff;

export const handleText = (handle: number): string =>
  `${majorOf(handle).toString(16)}:${minorOf(handle) === 0 ? "" : minorOf(handle).toString(16)}`;

/** Where something hangs: `root`, `ingress`, `egress`, `parent 1:30`. */
export const placeWords = (parent: number): string => {
  if (parent === tcPlaces.root) return "root";
  if (parent === tcPlaces.ingress) return "ingress";
  if (parent === tcPlaces.egress) return "egress";
  return `parent ${handleText(parent)}`;
};
