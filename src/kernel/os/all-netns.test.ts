/** What /proc/PID/mountinfo tells of namespaces. */
import { expect, test } from "bun:test";
import { mountedIn } from "./all-netns.ts";

test("mounted network namespaces are told with their path, other namespaces and other mounts are not", () => {
  const lines = [
    "22 28 0:21 / /proc rw,nosuid - proc proc rw",
    "512 25 0:4 net:[4026532282] /run/netns/a\\040pod rw shared:1 - nsfs nsfs rw",
    "513 25 0:4 mnt:[4026532283] /run/mounts/m rw - nsfs nsfs rw",
    "",
  ];
  expect(mountedIn(lines.join("\n"))).toEqual([["net:[4026532282]", "/run/netns/a pod"]]);
});
