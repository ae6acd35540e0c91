// Half upgraded: bridge and host-local each ours or the reference's, as programs, on one bridge and one store at once.
import { expect, setDefaultTimeout, test } from "bun:test";
import { type Machine, makeMachine } from "./peers/machine.ts";
import { example, held, ownPlugins, type Result, seen } from "./peers/network.ts";

setDefaultTimeout(120_000);

const ours = "/opt/cni/bin";
const reference = "/usr/lib/cni";
const both = [ours, reference];

/** A pod, and who makes its network. */
interface Mix {
  readonly id: string;
  readonly bridge: string;
  readonly ipam: string;
}
const mixes: readonly Mix[] = both.flatMap((bridge) =>
  both.map((ipam) => ({ id: `${bridge === ours ? "our" : "ref"}-${ipam === ours ? "our" : "ref"}`, bridge, ipam })),
);

const netns = (mix: Mix): string => `/run/netns/${mix.id}`;

const ask = (machine: Machine, verb: string, mix: Mix, prevResult?: Result): string => {
  const env = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: mix.id,
    CNI_NETNS: netns(mix),
    CNI_IFNAME: "eth0",
    CNI_PATH: mix.ipam,
  };
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return machine.run(["env", ...words, `${mix.bridge}/bridge`], JSON.stringify({ ...example, prevResult }));
};

/** Each pod's network made, and its result held against what `ip` and `bridge` show. */
const addAll = (machine: Machine): Map<Mix, Result> =>
  new Map(
    mixes.map((mix) => {
      machine.run(["ip", "netns", "add", mix.id]);
      const told = JSON.parse(ask(machine, "ADD", mix)) as Result;
      expect({ ...told, routes: told.routes ?? [] }).toMatchObject(seen(machine, netns(mix), "cni0"));
      return [mix, told];
    }),
  );

const removeNamespaces = (machine: Machine): void => {
  for (const mix of mixes) machine.run(["ip", "netns", "del", mix.id]);
};

test("each mix wires its pod, the results agree with the kernel, and no address is given twice", async () => {
  await using machine = await makeMachine(ownPlugins);
  const added = addAll(machine);
  const addresses = [...added.values()].flatMap((told) => told.ips.map((ip) => ip.address));
  expect(addresses).toEqual(["10.244.0.2/16", "10.244.0.3/16", "10.244.0.4/16", "10.244.0.5/16"]);
  for (const [mix, told] of added) ask(machine, "CHECK", mix, told);
  for (const mix of mixes) ask(machine, "DEL", mix);
  removeNamespaces(machine);
  expect(held(machine)).toEqual([]);
});

test("what one made, the other checks and removes", async () => {
  await using machine = await makeMachine(ownPlugins);
  const swap = (dir: string): string => (dir === ours ? reference : ours);
  const swapped = (mix: Mix): Mix => ({ id: mix.id, bridge: swap(mix.bridge), ipam: swap(mix.ipam) });
  for (const [mix, told] of addAll(machine)) {
    ask(machine, "CHECK", swapped(mix), told);
    ask(machine, "DEL", swapped(mix));
  }
  removeNamespaces(machine);
  expect(held(machine)).toEqual([]);
});
