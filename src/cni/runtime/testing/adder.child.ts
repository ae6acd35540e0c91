/** A process of its own that runs one ADD: `adder.child.ts <host root> <container> <netns>`. For tests that kill it. */
import { join } from "node:path";
import { parseNetwork } from "../../spec/list.ts";
import { openRuntime } from "../runtime.ts";

const [root = "", containerId = "", netns = ""] = process.argv.slice(2);
const list = parseNetwork({ cniVersion: "1.1.0", name: "n", plugins: [{ type: "a" }, { type: "b" }, { type: "c" }] });
const runtime = openRuntime({ confDir: join(root, "net.d"), path: [join(root, "bin")], cacheDir: join(root, "cache") });
await runtime.add(list, { containerId, ifname: "eth0", netns });
