/** S1: SELinux and AppArmor let the runtime start plugins. */
import type { Check, Finding } from "../check.ts";
import { count, ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { installLine } from "../reads/distro.ts";

const folders = ["/opt/cni/bin", "/etc/cni/net.d"] as const;
/** Types that files keep when they are moved from a home or a temporary folder; confined programs may not touch them. */
const strange = /^(user_home_t|admin_home_t|user_tmp_t|tmp_t|default_t|unlabeled_t)$/;
const policies = "/var/lib/selinux/targeted/active/modules";

const typeOf = (label: string | undefined): string => label?.split(":")[2] ?? "";

const mislabelled = (host: Host): Finding[] =>
  folders.flatMap((folder): Finding[] => {
    const bad = host
      .list(folder)
      .map((name) => ({ name, type: typeOf(host.labelOf(`${folder}/${name}`)) }))
      .filter(({ type }) => strange.test(type));
    const [first] = bad;
    if (first === undefined) return [];
    const more = bad.length > 1 ? ` and ${bad.length - 1} more` : "";
    return [
      {
        outcome: "fail",
        subject: folder,
        seen: `${first.name}${more} labelled ${first.type}`,
        want: "the policy's own labels",
        fix: { command: `restorecon -R ${folder}`, survivesReboot: true },
      },
    ];
  });

const withoutPolicy = (host: Host): Finding[] => {
  const modules = ["100", "200"].flatMap((priority) => host.list(`${policies}/${priority}`));
  // The store is root's.
  if (modules.length === 0 || modules.includes("container")) return [];
  const line = installLine(host, "container-selinux");
  return [
    {
      outcome: "warn",
      subject: "policy",
      seen: "without a module for containers",
      want: "container-selinux",
      ...(line ? { fix: { command: line, survivesReboot: true } } : {}),
    },
  ];
};

/** Lines of the audit log (auditd) about plugins and their folders. */
const denied = (host: Host, pattern: RegExp): string[] =>
  (host.read("/var/log/audit/audit.log") ?? "")
    .split("\n")
    .filter(
      (line) =>
        pattern.test(line) && /\/(opt|etc)\/cni\/|comm="(bridge|host-local|portmap|loopback|podwire)"/.test(line),
    );

const denials = (host: Host, pattern: RegExp, fix: Finding["fix"]): Finding[] => {
  const lines = denied(host, pattern);
  const last = lines.at(-1);
  if (last === undefined) return [];
  const what = /(?:denied\s+\{ (\w+) \}|operation="(\w+)")/.exec(last);
  const of = /(?:name|path)="([^"]+)"/.exec(last)?.[1] ?? "a file of CNI";
  return [
    {
      outcome: "warn",
      subject: "audit.log",
      seen: `${count(lines.length, "refusal")}, the last: ${what?.[1] ?? what?.[2] ?? "access"} ${of}`,
      want: "none",
      ...(fix ? { fix } : {}),
    },
  ];
};

const selinux = (host: Host): Finding[] => {
  const mode = host.readOwn("/sys/fs/selinux/enforce")?.trim();
  if (mode === undefined) return [];
  if (mode !== "1") return [ok("permissive: tells, and refuses nothing", "SELinux")];
  const restore = { command: `restorecon -R ${folders.join(" ")}`, survivesReboot: true };
  const found = [...mislabelled(host), ...withoutPolicy(host), ...denials(host, /avc:\s+denied/, restore)];
  return found.length > 0 ? found : [ok("enforcing, labels as the policy has them", "SELinux")];
};

const appArmor = (host: Host): Finding[] => {
  if (host.readOwn("/sys/module/apparmor/parameters/enabled")?.trim() !== "Y") return [];
  const found = denials(host, /apparmor="DENIED"/, undefined);
  return found.length > 0 ? found : [ok("on, nothing about CNI refused", "AppArmor")];
};

export const labelsCheck: Check = {
  id: "S1",
  name: "labels",
  area: "kernel",
  severity: "fail",
  title: "SELinux and AppArmor let plugins run",
  why: "'permission denied' when a pod is added, although root may do everything and the files look right",
  run: (host) => [...selinux(host), ...appArmor(host)],
};
