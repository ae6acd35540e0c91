/** I1: a name by which Kubernetes can register the node. */
import type { Check } from "../check.ts";

/** RFC 1123, 2.1: letters, digits and hyphens, 63 a label, 253 in all; Kubernetes wants small letters. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const isNodeName = (name: string): boolean => name.length <= 253 && name.split(".").every((part) => label.test(part));

/** Names that installers leave, and that every second machine has. */
const everywhere = ["localhost", "localhost.localdomain", "debian", "ubuntu", "raspberrypi", "(none)"];

const suggestion = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "") || "node1";

export const hostnameCheck: Check = {
  id: "I1",
  name: "hostname",
  area: "identity",
  severity: "fail",
  title: "the host name can be a node's name",
  why: "the node registers under this name: one that is not valid is refused, and a second node of the same name replaces the first",
  run: ({ name }) => {
    const command = (wanted: string) => `hostnamectl set-hostname ${wanted}`;
    const undo = command(name);
    if (everywhere.includes(name))
      return [
        {
          outcome: "fail",
          seen: name,
          want: "a name of this machine's own, such as node1",
          fix: { command: command("node1"), undo, survivesReboot: true },
        },
      ];
    if (isNodeName(name)) return [{ outcome: "ok", seen: name }];
    return [
      {
        outcome: "fail",
        seen: name,
        want: "small letters, digits, hyphens and dots; letter or digit at both ends; 63 between dots (RFC 1123)",
        fix: { command: command(suggestion(name)), undo, survivesReboot: true },
      },
    ];
  },
};
