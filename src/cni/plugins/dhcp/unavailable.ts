/** No daemon: says so, with the command that starts it. */

import { errnoWords } from "../../../base/errno-words.ts";
import { FaultError } from "../../../base/fault.ts";
import type { Request } from "../../spec/types.ts";
import { type DhcpConfig, defaultSocket } from "./parse.ts";

export const noDaemon = ({ path, config }: Request<DhcpConfig>, errno: string): FaultError =>
  new FaultError({
    kind: "unavailable",
    why: `no dhcp daemon listens at ${config.socket}: ${errnoWords(errno)}`,
    fix: `${path[0] ?? "/opt/cni/bin"}/dhcp daemon${config.socket === defaultSocket ? "" : ` -socketpath ${config.socket}`} &`,
  });
