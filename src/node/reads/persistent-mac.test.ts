import { expect, test } from "bun:test";
import { persistentMac, sipHash24 } from "./persistent-mac.ts";

const count = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);

test("SipHash-2-4 gives its authors' vectors", () => {
  // Appendix A of the paper, and the first of vectors.h of the reference implementation.
  expect(sipHash24(count(16), count(15))).toBe(0xa129ca6149be45e5n);
  expect(sipHash24(count(16), count(0))).toBe(0x726fdb47dd0e0e31n);
});

test("a link's MAC follows from machine-id and name, and is one that software may give", () => {
  const id = "0123456789abcdef0123456789abcdef";
  const mac = persistentMac(id, "flannel.1");
  expect(mac).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
  expect(persistentMac(id, "flannel.1")).toBe(mac);
  expect(persistentMac(id, "cni0")).not.toBe(mac);
  expect(persistentMac("f".repeat(32), "flannel.1")).not.toBe(mac);
  expect(persistentMac("uninitialized", "flannel.1")).toBeUndefined();
});
