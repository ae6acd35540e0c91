/**
 * The one executable. Started under a plugin's name it is that plugin (or, as `dhcp daemon`, the process that serves it);
 * as `podwire` it is the command line. None loads another: a pod's start waits for the plugin.
 */
import { isPluginName } from "../cni/plugins/registry.ts";

const name = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);

if (name === "dhcp" && process.argv[2] === "daemon")
  (await import("./dhcp-daemon-main.ts")).dhcpDaemonMain(process.argv.slice(3));
else if (isPluginName(name)) {
  const command = process.env.CNI_COMMAND ?? "";
  if (command === "" || command === "VERSION") (await import("./face-main.ts")).faceMain(name, command);
  else await (await import("./plugin-main.ts")).pluginMain(name);
} else if (name === "podwire-tap") (await import("./tap-main.ts")).makeOneTap();
else await (await import("./command-main.ts")).commandMain();
