/** `npm start`: a cluster on this machine, in namespaces, and the proof that its pods reach each other. */
import { join } from "node:path";
import { exit } from "node:process";
import { build } from "./build.mjs";
import { pass, say } from "./words.mjs";

const podwire = join(build(), "podwire");

for (const args of [["lab", "up", "--quiet"], ["verify"]]) {
  say(`\n$ dist/podwire ${args.join(" ")}`);
  const done = pass(podwire, args);
  if (done.why) say(`podwire: ${done.why}`);
  if (done.code !== 0) exit(done.code);
}

say(`
The cluster stays until you remove it. Look around:
  dist/podwire lab exec pod-1 -- ip address   a program inside a pod; the same for node1
  dist/podwire lab status                     what is there, as the kernel has it
  dist/podwire lab graph > lab.svg            as a picture
  dist/podwire verify                         prove it again
Remove all of it:
  dist/podwire lab down`);
