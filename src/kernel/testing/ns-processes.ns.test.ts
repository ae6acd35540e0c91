import { expect } from "bun:test";
import { endProcessesIn } from "../os/ns-processes.ts";
import { userNamespacesProbe } from "../probe/user-namespaces.ts";
import { skipUnless } from "./skip.ts";

skipUnless(userNamespacesProbe)("what has ended and was not waited for yet is not waited for again", async () => {
  // A child of ours stays a zombie until we come back to the event loop, which a synchronous call does not.
  const script = "echo ready; exec sleep infinity";
  const child = Bun.spawn(["unshare", "--user", "sh", "-c", script], { stdout: "pipe" });
  await child.stdout.getReader().read();
  expect(endProcessesIn("user", [`/proc/${child.pid}/ns/user`])).toBe(1);
  expect(await child.exited).toBe(137);
  expect(child.signalCode).toBe("SIGKILL");
});
