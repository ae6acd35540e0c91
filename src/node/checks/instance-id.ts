/** I5: what one node can tell of cloud-init's instance-id; whether other nodes have it too, and SSH host keys, is B1's. */
import type { Check } from "../check.ts";
import { ok } from "../finding.ts";

const path = "/var/lib/cloud/data/instance-id";

/** What cloud-init falls back to, and what its documentation has for copying. */
const everywhere = ["iid-datasource-none", "iid-local01", "nocloud", "iid-abcdefg", "i-87018aed"];

export const instanceIdCheck: Check = {
  id: "I5",
  name: "instance-id",
  area: "identity",
  severity: "warn",
  title: "cloud-init knows this machine from its copies",
  why: "cloud-init makes host keys and a host name once for each instance-id: with one that every copy has, copies keep the original's",
  run: (host) => {
    const id = host.read(path)?.trim();
    if (id === undefined || id === "") return []; // no cloud-init here
    if (!everywhere.includes(id)) return [ok(id)];
    return [
      {
        outcome: "warn",
        subject: path,
        seen: `${id}, which every copy has`,
        want: "one for each machine, from the platform's data source",
        fix: { command: "cloud-init clean --machine-id   # then reboot", survivesReboot: true },
      },
    ];
  },
};
