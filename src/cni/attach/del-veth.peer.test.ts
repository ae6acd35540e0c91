/** DEL and GC with an IPAM plugin that is asked before the link goes: what `nft` shows when it is. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestNetns } from "../../kernel/testing/netns.ts";
import { countingKernel } from "../testing/failing-kernel.ts";
import { withStage } from "../testing/stage.ts";

setDefaultTimeout(60_000);

/** A foreign `dhcp` that notes at DEL and GC whether its address is still masqueraded. */
const watchingDhcp = (host: TestNetns): { readonly path: string; noted(): string[] } & Disposable => {
  const path = mkdtempSync(join(tmpdir(), "podwire-dhcp-"));
  const log = join(path, "log");
  const result = '{"cniVersion":"1.1.0","ips":[{"address":"10.1.2.2/24","gateway":"10.1.2.1"}]}';
  const look = `nsenter --net=${host.path} nft list ruleset | grep -q 10.1.2.2 && echo early || echo free`;
  const script = `#!/bin/sh\nif [ "$CNI_COMMAND" = ADD ]; then echo '${result}'; else { ${look}; } >> ${log}; fi\n`;
  writeFileSync(join(path, "dhcp"), script, { mode: 0o755 });
  writeFileSync(log, "");
  return {
    path,
    noted: () => readFileSync(log, "utf8").split("\n").slice(0, -1),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
};

for (const type of ["bridge", "ptp"])
  for (const verb of ["DEL", "GC"])
    test(`${verb} of ${type} whose n-th operation fails never gives back what is still masqueraded`, () =>
      withStage(
        async (s) => {
          using dhcp = watchingDhcp(s.host);
          const pod = s.pod();
          const call = { pod, path: dhcp.path };
          const conf = { cniVersion: "1.1.0", name: "net1", type, ipMasq: true, ipam: { type: "dhcp" } };
          const valid = { "cni.dev/valid-attachments": [] };
          for (let n = 1; ; n++) {
            expect(await s.call("ADD", conf, call)).toMatchObject({ exit: 0 });
            const { exit } = await s.call(verb, { ...conf, ...valid }, call, countingKernel(s.kernel, n).kernel);
            if (exit === 0) break;
            expect(await s.call("DEL", conf, call)).toMatchObject({ exit: 0 });
          }
          expect(dhcp.noted()).not.toContain("early");
          expect(dhcp.noted()).toContain("free");
          expect(s.host.sh("nft list ruleset")).toBe("");
        },
        { foreign: true },
      ));
