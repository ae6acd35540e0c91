/** `npm run bench [-- case ...]`: podwire beside its peers, in a throwaway namespace. The table is on stdout. */
import { exit } from "node:process";
import { build } from "./build.mjs";
import { installNeeds } from "./needs.mjs";
import { setup } from "./setup.mjs";
import { inThrowaway } from "./throwaway.mjs";

const bun = setup();
installNeeds("peers");
build();
exit(inThrowaway(bun, ["bench/run.ts", ...process.argv.slice(2)]).code);
