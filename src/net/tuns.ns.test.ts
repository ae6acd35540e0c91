/** Tap devices on a kernel: made by us, and typed as the rendered line in a second namespace; `ip -d` is the judge. */
import { expect } from "bun:test";
import { tapProbe } from "../kernel/probe/tap.ts";
import { type TestNetns, withNetns } from "../kernel/testing/netns.ts";
import { run } from "../kernel/testing/run.ts";
import { skipUnless } from "../kernel/testing/skip.ts";
import { apply } from "./apply.ts";
import { openKernel } from "./kernel.ts";
import { listLinks } from "./links.ts";
import { render } from "./plan/render.ts";
import type { Step } from "./plan/step.ts";
import type { TunSpec } from "./tuns.ts";

const withTap = skipUnless(tapProbe);

/** Without the MAC, which is by chance. */
const shown = (ns: TestNetns) => ns.ipJson<Record<string, unknown>>("link").map(({ address: _, ...l }) => l);
const step = (ns: TestNetns, tun: TunSpec): Step => ({ do: "tun.add", in: ns.path, tun });

const specs: readonly TunSpec[] = [
  { name: "tap0" },
  { name: "tap0", multiQueue: true },
  { name: "tap0", owner: 1000, group: 0 },
  { name: "$(x)", owner: 0, group: 4294967294, multiQueue: true },
];
for (const spec of specs)
  withTap(`${render({ do: "tun.add", in: "", tun: spec })} [applied, and typed]`, () =>
    withNetns((a) =>
      withNetns((b) => {
        using kernel = openKernel();
        const before = shown(a);
        const way = apply(kernel, [step(a, spec)]);
        run(["sh", "-ec", render(step(b, spec))]);
        expect(shown(a)).toEqual(shown(b));
        expect(shown(a)).not.toEqual(before);
        expect(listLinks(kernel.open(a.path)).find((l) => l.kind === "tun")?.info).toMatchObject({
          data: {
            type: 2,
            persist: 1,
            multiQueue: spec.multiQueue ? 1 : 0,
            ...(spec.owner !== undefined && { owner: spec.owner }),
            ...(spec.group !== undefined && { group: spec.group }),
          },
        });
        expect(way.undo()).toEqual([]);
        expect(shown(a)).toEqual(before);
      }),
    ),
  );

withTap("a name that is taken, by a tap or by anything, is refused and left as it is", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    ns.sh("ip tuntap add dev tap0 mode tap; ip link add other0 type veth");
    const before = shown(ns);
    for (const name of ["tap0", "other0"])
      expect(() => apply(kernel, [step(ns, { name })])).toThrow(`link ${name}: is there already`);
    expect(shown(ns)).toEqual(before);
  }),
);

withTap("what the kernel refuses after it has made the device leaves none", () =>
  withNetns((ns) => {
    using kernel = openKernel();
    const before = shown(ns);
    // (uid_t) -1 is no user.
    expect(() => apply(kernel, [step(ns, { name: "tap0", owner: 4294967295 })])).toThrow(
      /tuntap add dev tap0 .*EINVAL/,
    );
    expect(shown(ns)).toEqual(before);
  }),
);
