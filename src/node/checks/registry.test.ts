/** What holds for every check. */
import { expect, test } from "bun:test";
import { areas } from "../check.ts";
import { checks } from "./registry.ts";

test("ids and names are unique, and keep their form", () => {
  for (const key of ["id", "name"] as const) expect(new Set(checks.map((c) => c[key])).size).toBe(checks.length);
  for (const c of checks) {
    expect(c.id).toMatch(/^[A-Z][0-9]{1,2}$/);
    expect(c.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(areas).toContain(c.area);
  }
});
