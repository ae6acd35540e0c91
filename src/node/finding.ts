/** Short ways to say the two findings that most checks have. */
import type { Finding, Fix } from "./check.ts";
import type { Host } from "./host.ts";

export const ok = (seen: string, subject?: string): Finding => ({
  outcome: "ok",
  ...(subject === undefined ? {} : { subject }),
  seen,
});

/** `1 rule`, `2 rules`. */
export const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;

/** A sysctl set now and, on a machine, at every boot: a late name goes after what others have in sysctl.d(5). */
export const sysctlFix = ({ kind }: Pick<Host, "kind">, name: string, value: string, was: string | undefined): Fix => {
  const now = (v: string): string => `sysctl -w ${name}=${v}`;
  if (kind === "lab-node")
    return { command: now(value), ...(was === undefined ? {} : { undo: now(was) }), survivesReboot: false };
  // A dot in a link's name is a slash here, which is none in a file's name.
  const file = `/etc/sysctl.d/99-zz-${name.replaceAll("/", "-")}.conf`;
  return {
    command: `echo '${name} = ${value}' > ${file} && ${now(value)}`,
    undo: `rm ${file}${was === undefined ? "" : ` && ${now(was)}`}`,
    survivesReboot: true,
  };
};

/** `net.ipv4.conf.eth0/100.rp_filter`: a dot in a link's name is written as a slash (sysctl(8)). */
export const linkSysctl = (family: 4 | 6, link: string, key: string): string =>
  `net.ipv${family}.conf.${link.replaceAll(".", "/")}.${key}`;

/** The value of a whole machine (`fs.inotify.max_user_instances`): a lab's node has it only as a file of its own. */
export const machineSysctl = (host: Host, name: string): string | undefined =>
  host.readOwn(`/proc/sys/${name.replaceAll(".", "/")}`)?.trim();
