/** I3: what one node can tell of its firmware's UUID; whether other nodes have it too is B1's. */
import type { Check } from "../check.ts";
import { ok } from "../finding.ts";

const path = "/sys/class/dmi/id/product_uuid";

/** What firmware has that nobody gave one: all zeros, all ones, and two that boards are sold with. */
const nobodys =
  /^(0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12}|03000200-0400-0500-0006-000700080009|12345678-1234-5678-90ab-cddeefaabbcc)$/;

export const productUuidCheck: Check = {
  id: "I3",
  name: "product-uuid",
  area: "identity",
  severity: "warn",
  title: "the firmware's UUID is this machine's own",
  why: "network plugins and monitoring that know nodes by it take two machines for one",
  run: (host) => {
    const uuid = host.read(path)?.trim().toLowerCase();
    if (uuid === undefined || uuid === "") return []; // many ARM boards have none, and nobody misses it there
    if (!nobodys.test(uuid)) return [ok(uuid)];
    return [
      {
        outcome: "warn",
        seen: `${uuid}, which many boards have`,
        want: "one that the hypervisor or the maker gave to this machine alone",
      },
    ];
  },
};
