/** The built executable in a throwaway namespace. */
import type { TestNetns } from "../../../../kernel/testing/netns.ts";
import { tryRun } from "../../../../kernel/testing/run.ts";

export const podwire = `${process.cwd()}/dist/podwire`;
export const inside = (ns: TestNetns, ...words: string[]) =>
  tryRun(["nsenter", `--net=${ns.path}`, podwire, "node", ...words]);
export const show = (ns: TestNetns, ...words: string[]) => inside(ns, "show", ...words);

/** Two links that are up. */
export const two = "ip link set lo up; ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up";
