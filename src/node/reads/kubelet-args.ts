/** How kubelet is told a flag: in KUBELET_EXTRA_ARGS, beside what stands there (kubeadm's unit, 10-kubeadm.conf). */
import { quote } from "../../net/plan/quote.ts";
import type { Fix } from "../check.ts";
import type { Host } from "../host.ts";
import { usesRpm } from "./distro.ts";

const files = ["/etc/default/kubelet", "/etc/sysconfig/kubelet"] as const;

const fileOf = (host: Host): string =>
  files.find((path) => host.read(path) !== undefined) ?? (usesRpm(host) ? files[1] : files[0]);

const restart = "systemctl try-restart kubelet";

/** @param flag such as `node-ip` */
export const kubeletArgFix = (host: Host, flag: string, value: string): Fix => {
  const path = fileOf(host);
  const text = host.read(path) ?? "";
  const said = [...text.matchAll(/^[ \t]*KUBELET_EXTRA_ARGS=(.*)$/gm)].at(-1)?.[1];
  const arg = `--${flag}=${value}`;
  if (said === undefined) {
    const line = `KUBELET_EXTRA_ARGS=${arg}`;
    return {
      command: `echo ${quote(line)} >> ${path} && ${restart}`,
      undo: `sed -i ${quote(`\\|^${line.replace(/[.*[\]\\^$|]/g, "\\$&")}$|d`)} ${path} && ${restart}`,
      survivesReboot: true,
    };
  }
  const others = said
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .split(/\s+/)
    .filter((word) => word !== "" && !word.startsWith(`--${flag}=`));
  const line = `KUBELET_EXTRA_ARGS="${[...others, arg].join(" ")}"`;
  const script = `s|^[ \\t]*KUBELET_EXTRA_ARGS=.*|${line.replace(/[\\&|]/g, "\\$&")}|`;
  return {
    command: `sed -i.before ${quote(script)} ${path} && ${restart}`,
    undo: `mv ${path}.before ${path} && ${restart}`,
    survivesReboot: true,
  };
};
