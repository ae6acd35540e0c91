/** Links that are born in, or moved to, the namespace that we run in: tried by a child whose own is a throwaway one. */
import { expect, test } from "bun:test";
import { withNetns } from "../kernel/testing/netns.ts";
import { run } from "../kernel/testing/run.ts";

test("a veth's other end and a moved link reach the namespace that we run in, named by the empty path", () =>
  withNetns((home) =>
    withNetns((pod) => {
      const script = `
        import { apply } from "${import.meta.dir}/apply.ts";
        import { openKernel } from "${import.meta.dir}/kernel.ts";
        const kernel = openKernel();
        const pod = ${JSON.stringify(pod.path)};
        const veth = (name, peer) => ({ name, info: { kind: "veth" }, peer: { name: peer, netns: "" } });
        const way = apply(kernel, [
          { do: "link.add", in: pod, link: veth("eth0", "host0") },
          { do: "link.add", in: pod, link: veth("eth1", "host1") },
          { do: "link.set", in: pod, name: "eth1", set: { netns: "", name: "moved1" } },
        ]);
      `;
      run(["nsenter", `--net=${home.path}`, process.execPath, "-e", script]);
      const names = (ns: typeof home) => ns.ipJson("link").map((l) => l.ifname);
      expect(names(pod)).toEqual(["lo", "eth0"]);
      expect(names(home).sort()).toEqual(["host0", "host1", "lo", "moved1"]);
    }),
  ));
