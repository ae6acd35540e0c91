/** The smallest image that can tell about its network: a static busybox and names for it, as `docker save` lays it out. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/kernel/testing/run.ts";

export const imageName = "example.test/busybox:1";

const applets = ["sh", "ip", "ping", "sleep", "cat", "true", "httpd", "wget"];

/** Writes the archive to `file`. Run without a command, the image sleeps. */
export const writeImage = (file: string): void => {
  const dir = mkdtempSync(join(tmpdir(), "podwire-image-"));
  try {
    mkdirSync(`${dir}/root/bin`, { recursive: true });
    copyFileSync("/bin/busybox", `${dir}/root/bin/busybox`);
    for (const name of applets) symlinkSync("busybox", `${dir}/root/bin/${name}`);
    run(["tar", "-C", `${dir}/root`, "-cf", `${dir}/layer.tar`, "."]);
    const digest = createHash("sha256")
      .update(readFileSync(`${dir}/layer.tar`))
      .digest("hex");
    const config = {
      architecture: arch() === "x64" ? "amd64" : arch(),
      os: "linux",
      config: { Cmd: ["/bin/sleep", "100000"], Env: ["PATH=/bin"] },
      rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    };
    const manifest = [{ Config: "config.json", RepoTags: [imageName], Layers: ["layer.tar"] }];
    writeFileSync(`${dir}/config.json`, JSON.stringify(config));
    writeFileSync(`${dir}/manifest.json`, JSON.stringify(manifest));
    run(["tar", "-C", dir, "-cf", file, "manifest.json", "config.json", "layer.tar"]);
  } finally {
    rmSync(dir, { recursive: true });
  }
};
