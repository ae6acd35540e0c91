/**
 * What a test may leave behind: descriptors, named namespaces, links in the namespace that the test runs in. Taken
 * before and after, the difference is the leak.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { listNetns } from "../os/netns.ts";

export interface Belongings {
  /** Descriptor and what it is open on, such as `7 socket:[4711]`. */
  readonly fds: readonly string[];
  readonly netns: readonly string[];
  /** Names of the links of our own namespace. */
  readonly links: readonly string[];
}

const target = (fd: string): string | undefined => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined; // the descriptor of the listing itself
  }
};

// The event loop opens epoll, event and timer descriptors when it first needs them, and keeps them.
const isLoop = (what: string): boolean => what.startsWith("anon_inode:");

/** Unix sockets without a name: the runtime talks to child processes over them, and closes them when it gets to it. */
const pipes = (): Set<string> =>
  new Set(
    readFileSync("/proc/thread-self/net/unix", "utf8")
      .split("\n")
      .map((line) => line.split(/\s+/))
      .flatMap(([, , , , , , inode, path]) => (inode && !path ? [`socket:[${inode}]`] : [])),
  );

const openFds = (): string[] => {
  const ignored = pipes();
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const what = target(fd);
    return what === undefined || isLoop(what) || ignored.has(what) ? [] : [`${fd} ${what}`];
  });
};

const ownLinks = (): string[] =>
  readFileSync("/proc/thread-self/net/dev", "utf8")
    .split("\n")
    .slice(2)
    .map((line) => line.slice(0, line.indexOf(":")).trim())
    .filter((name) => name !== "");

/** `mine` picks the namespaces that are this process's own: other test runs make and remove theirs meanwhile. */
export const belongings = (mine: (name: string) => boolean): Belongings => ({
  fds: openFds(),
  netns: listNetns().filter(mine),
  links: ownLinks(),
});

const added = (before: readonly string[], after: readonly string[]): string[] =>
  after.filter((x) => !before.includes(x));

/** One line for each thing that was not there before. */
export const leaks = (before: Belongings, after: Belongings): string[] => [
  ...added(before.fds, after.fds).map((fd) => `descriptor ${fd}`),
  ...added(before.netns, after.netns).map((name) => `namespace ${name}`),
  ...added(before.links, after.links).map((name) => `link ${name} in the test's own namespace`),
];
