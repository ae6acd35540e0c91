import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAtLine, podwire, type Ran, read, run, stayInside } from "../testing/labs.ts";

/** nobody of Debian: a user without any privilege. */
const nobody = 65534;
const asNobody = ["setpriv", "--reuid", `${nobody}`, "--regid", `${nobody}`, "--clear-groups", "--"];

/** Can such a user have namespaces here, and can he read the program? */
const given = await run([...asNobody, "unshare", "--user", "--map-root-user", "--net", "--mount", podwire, "version"]);
const why =
  process.getuid?.() === 0 ? `needs user namespaces (${given.err.trim()})` : "needs root, to become such a user";
const title = "an ordinary user has labs of his own, and nothing of them is left after down";

test.skipIf(given.exit !== 0)(`${title}${given.exit === 0 ? "" : `: ${why}`}`, async () => {
  const home = mkdtempSync(join(tmpdir(), "podwire-user-"));
  chmodSync(home, 0o700);
  chownSync(home, nobody, nobody);
  const lab = (...argv: readonly string[]): Promise<Ran> =>
    run([...asNobody, podwire, "lab", ...argv], { XDG_RUNTIME_DIR: home });
  const outside = await read("ip", "netns");
  try {
    const up = await lab("up", "--name", "mine", "--pods", "1");
    expect(up.err).toContain("lab mine is up");
    expect(up.exit).toBe(0);
    expect(await read("ip", "netns")).toBe(outside);

    const again = await lab("up", "--name", "mine", "--pods", "1");
    expect(again.err).toContain("is running already");
    const inside = await lab(
      "exec",
      "--name",
      "mine",
      "pod-3",
      "--",
      "sh",
      "-c",
      "ip -4 -br addr show eth0; pwd; exit 7",
    );
    expect(inside.exit).toBe(7);
    expect(inside.out).toContain("10.244.2.2/24");
    expect(inside.out).toContain(`${process.cwd()}\n`);
    expect((await lab("status", "--name", "mine")).exit).toBe(0);

    // A second lab is held by another process; the end of one leaves the other alone.
    await lab("up", "--name", "other", "--nodes", "1", "--pods", "1");
    const argv = [...asNobody, podwire, "lab", "exec", "--name", "mine", "pod-1"];
    const running = await stayInside(argv, { XDG_RUNTIME_DIR: home });
    await lab("down", "--name", "mine");
    expect(await running.exited).toBe(137);
    expect((await lab("status", "--name", "other")).exit).toBe(0);

    // The holder's end is the lab's: status says so, and up makes it anew.
    const holder = JSON.parse(await read("cat", join(home, "podwire/labs/.other.holder.json"))) as { pid: number };
    process.kill(holder.pid, "SIGKILL");
    const dead = await lab("status", "--name", "other");
    expect(dead.exit).toBe(1);
    expect(dead.out).toContain("its network namespace is gone");
    expect((await lab("up", "--name", "other", "--nodes", "1", "--pods", "1")).exit).toBe(0);

    // Ctrl-C takes back the namespaces, and what held them.
    const up3 = [...asNobody, podwire, "lab", "up", "--name", "third", "--pods", "20"];
    expect((await endAtLine(up3, { XDG_RUNTIME_DIR: home }, 40, "SIGINT"))?.exit).toBe(130);
    expect(readdirSync(join(home, "podwire/labs")).filter((name) => name.includes("third"))).toEqual([]);

    await lab("down", "--all");
    expect(readdirSync(join(home, "podwire/labs"))).toEqual([]);
  } finally {
    await lab("down", "--all");
    rmSync(home, { recursive: true, force: true });
  }
});
