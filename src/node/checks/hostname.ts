/** I1: a name by which Kubernetes can register the node. */
import { quote } from "../../net/plan/quote.ts";
import type { Check, Finding, Fix } from "../check.ts";
import type { Host } from "../host.ts";

/** RFC 1123, 2.1: letters, digits and hyphens, 63 a label, 253 in all; Kubernetes wants small letters. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const isNodeName = (name: string): boolean => name.length <= 253 && name.split(".").every((part) => label.test(part));

/** Names that installers leave, and that every second machine has. */
const everywhere = ["localhost", "localhost.localdomain", "debian", "ubuntu", "raspberrypi", "(none)"];

const suggestion = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .split(".")
    .map((part) => part.slice(0, 63).replace(/^-+|-+$/g, ""))
    .filter(Boolean)
    .join(".") || "node1";

/** The name that systemd gives it at the next boot (hostname(5)), when that is another. */
const atBoot = (host: Host): Finding[] | undefined => {
  const written = (host.read("/etc/hostname") ?? "")
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("#"));
  if (written === undefined || written === host.name || written.split(".")[0] === host.name) return undefined;
  const seen = `${host.name} now, ${written} after a reboot (/etc/hostname)`;
  const command = `hostnamectl set-hostname ${quote(host.name)}`;
  const undo = `echo ${quote(written)} > /etc/hostname`;
  return [{ outcome: "warn", seen, want: `${host.name} both times`, fix: { command, undo, survivesReboot: true } }];
};

/** kubelet has its credentials in the node's name: another name would be another node. */
const hasJoined = (host: Host): boolean => host.read("/etc/kubernetes/kubelet.conf") !== undefined;

export const hostnameCheck: Check = {
  id: "I1",
  name: "hostname",
  area: "identity",
  severity: "fail",
  title: "the host name can be a node's name",
  why: "the node registers under this name: one that is not valid is refused, and a second node of the same name replaces the first",
  run: (host) => {
    const { name } = host;
    const command = (wanted: string) => `hostnamectl set-hostname ${quote(wanted)}`;
    const rename = (wanted: string): { readonly fix?: Fix } =>
      hasJoined(host) ? {} : { fix: { command: command(wanted), undo: command(name), survivesReboot: true } };
    const first = hasJoined(host)
      ? "; the node has joined a cluster under a name: take it out before it is renamed"
      : "";
    if (everywhere.includes(name))
      return [
        {
          outcome: "fail",
          seen: name,
          want: `a name of this machine's own, such as node1${first}`,
          ...rename("node1"),
        },
      ];
    if (isNodeName(name)) return atBoot(host) ?? [{ outcome: "ok", seen: name }];
    return [
      {
        outcome: "fail",
        seen: name,
        want: `small letters, digits, hyphens and dots; letter or digit at both ends; 63 between dots (RFC 1123)${first}`,
        ...rename(suggestion(name)),
      },
    ];
  },
};
