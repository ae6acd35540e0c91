/** An IPAM plugin for tests that always gives the same: the program `given` in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../base/json-types.ts";

/** `path` is for CNI_PATH, on a stage whose delegates are foreign. */
export const givenIpam = (result: JsonObject): { readonly path: string } & Disposable => {
  const path = mkdtempSync(join(tmpdir(), "podwire-given-"));
  const json = JSON.stringify({ cniVersion: "1.1.0", ...result });
  const script = `#!/bin/sh\n[ "$CNI_COMMAND" = ADD ] && cat <<'END'\n${json}\nEND\nexit 0\n`;
  writeFileSync(join(path, "given"), script, { mode: 0o755 });
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
};
