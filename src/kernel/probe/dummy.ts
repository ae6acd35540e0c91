/** Does the kernel make dummy links? */
import { probe } from "./answer.ts";
import { tryLink } from "./throwaway.ts";

export const dummyProbe = probe("dummy", () =>
  tryLink({ ifname: "probe", linkinfo: { kind: "dummy" } }, "CONFIG_DUMMY: modprobe dummy"),
);
