/** `npm start`: a cluster on this machine, in namespaces, and the proof that its pods reach each other. */
import { join } from "node:path";
import { exit } from "node:process";
import { build } from "./build.mjs";
import { pass, say } from "./words.mjs";

const podwire = join(build(), "podwire");

for (const args of [["lab", "up"], ["verify"]]) {
  say(`\n$ podwire ${args.join(" ")}`);
  const done = pass(podwire, args);
  if (done.why) say(`podwire: ${done.why}`);
  if (done.code !== 0) exit(done.code);
}

say(`
The cluster stays until you remove it:
  dist/podwire lab status    what is there
  dist/podwire lab graph     as a picture
  dist/podwire verify        prove it again
  dist/podwire lab down      remove all of it`);
