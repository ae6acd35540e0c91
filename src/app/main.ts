/**
 * The one executable. Started under a plugin's name it is that plugin; as `podwire` it is the command line. Neither loads
 * the other: a pod's start waits for the one.
 */
import { isPluginName } from "../cni/plugins/registry.ts";

const name = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);

if (isPluginName(name)) await (await import("./plugin-main.ts")).pluginMain(name);
else if (name === "podwire-tap") (await import("./tap-main.ts")).makeOneTap();
else await (await import("./command-main.ts")).commandMain();
