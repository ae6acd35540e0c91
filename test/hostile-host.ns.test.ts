// The built executables on a host that will not let them: what a user reads, and that nothing is left behind.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNetns, type TestNetns } from "../src/kernel/testing/netns.ts";
import { tryRun } from "../src/kernel/testing/run.ts";

const plugins = join(import.meta.dirname, "../dist/cni");

interface Scene {
  readonly host: TestNetns;
  readonly dataDir: string;
  /** Calls `bridge` in the host after `before`, a shell line in a mount namespace of its own. */
  ask(verb: string, before: string): { exit: number; answer: { code?: number; msg?: string; details?: string } };
  linkNames(): string[];
}

const onStage = (act: (s: Scene) => void): void => {
  using host = makeNetns();
  using pod = makeNetns();
  const dataDir = mkdtempSync(join(tmpdir(), "podwire-hostile-"));
  const ipam = { type: "host-local", dataDir, subnet: "10.1.2.0/24" };
  const conf = { cniVersion: "1.1.0", name: "net1", type: "bridge", bridge: "br0", isGateway: true, ipam };
  const names = (ns: TestNetns): string[] => ns.ipJson<{ ifname: string }>("link").map((l) => l.ifname);
  try {
    act({
      host,
      dataDir,
      ask: (verb, before) => {
        const script = `${before} exec "$@"`;
        const argv = ["nsenter", `--net=${host.path}`, "unshare", "--mount", "sh", "-ec", script, "sh"];
        const env = { CNI_COMMAND: verb, CNI_PATH: plugins, CNI_CONTAINERID: "pod1", CNI_IFNAME: "eth0" };
        const { code, stdout, stderr } = tryRun([...argv, join(plugins, "bridge")], {
          env: { ...env, CNI_NETNS: pod.path },
          input: JSON.stringify(conf),
        });
        expect(stderr).toBe("");
        return { exit: code, answer: stdout === "" ? {} : JSON.parse(stdout) };
      },
      linkNames: () => [...names(host), ...names(pod)],
    });
  } finally {
    rmSync(dataDir, { recursive: true });
  }
};

const refused = (s: Scene, verb: string, before: string, code: number, msg: RegExp, details: RegExp): void => {
  const { exit, answer } = s.ask(verb, before);
  expect({ verb, exit, code: answer.code }).toEqual({ verb, exit: 1, code });
  expect(answer.msg).toMatch(msg);
  expect(answer.msg).not.toContain("\n");
  expect(answer.details ?? "").toMatch(details);
  expect(s.linkNames()).toEqual(["lo", "lo"]);
};

test("with a read-only /proc/sys ADD and STATUS name it, and DEL has nothing to do", () =>
  onStage((s) => {
    const readOnly = "mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys;";
    refused(
      s,
      "ADD",
      readOnly,
      5,
      /\/proc\/sys\/net\S+: the file system is read-only \(EROFS\)/,
      /^mount -o remount,rw \/proc\/sys$/,
    );
    refused(s, "STATUS", readOnly, 50, /\/proc\/sys cannot be written/, /^mount -o remount,rw \/proc\/sys$/);
    expect(s.ask("DEL", readOnly)).toEqual({ exit: 0, answer: {} });
  }));

test("without capabilities ADD, DEL and STATUS name the missing one", () =>
  onStage((s) => {
    const drop = (caps: string) => `set -- setpriv --bounding-set=-${caps} --inh-caps=-${caps} "$@";`;
    refused(s, "ADD", drop("all"), 106, /needs CAP_SYS_ADMIN$/, /as root, or with CAP_SYS_ADMIN/);
    refused(s, "ADD", drop("net_admin"), 106, /needs CAP_NET_ADMIN$/, /as root, or with CAP_NET_ADMIN/);
    refused(s, "DEL", drop("all"), 106, /needs CAP_NET_ADMIN; .* needs CAP_SYS_ADMIN$/, /as root/);
    refused(s, "STATUS", drop("all"), 50, /needs CAP_NET_ADMIN/, /^$/);
    expect(s.ask("VERSION", drop("all")).exit).toBe(0);
  }));

test("on a disk that is full ADD names file and folder, and DEL has nothing to do", () =>
  onStage((s) => {
    // Room for the folders and empty files, none for a byte in them.
    const full = `mount -t tmpfs -o size=4k none ${s.dataDir}; printf x > ${s.dataDir}/x;`;
    refused(
      s,
      "ADD",
      full,
      5,
      new RegExp(`^write ${s.dataDir}/net1/\\S+: no space left on the disk \\(ENOSPC\\)$`),
      /^df -h \S+; df -i \S+$/,
    );
    expect(s.ask("DEL", full)).toEqual({ exit: 0, answer: {} });
  }));
