/** ufw: rules with our comment, which it keeps over a reboot by itself. ufw(8). */
import { type Cidr, cidrText } from "../../../base/cidr.ts";
import type { Family } from "../../../base/ip.ts";
import { rangeText } from "../../ports/rows-for.ts";
import type { Change, Manager } from "../manager.ts";
import { type InputOpening, markOf, type Opening } from "../openings.ts";
import type { Surroundings } from "../surroundings.ts";

/** Words of a rule's line in ufw's own files: ports and addresses of both sides, the way it goes. */
interface Tuple {
  readonly route?: boolean;
  readonly protocol: string;
  readonly port: string;
  readonly to?: Cidr;
  readonly from?: Cidr;
}

const files = { 4: "/etc/ufw/user.rules", 6: "/etc/ufw/user6.rules" } as const;
const anywhere = { 4: "0.0.0.0/0", 6: "::/0" } as const;

/** ufw leaves IPv6 alone when it is told to. */
const without6 = ({ read }: Surroundings): boolean => /^\s*IPV6\s*=\s*"?no\b/im.test(read("/etc/default/ufw") ?? "");

const reaches = (family: Family, host: Surroundings): boolean => family === 4 || !without6(host);

/** A rule of somebody else's that says the same would get our comment, and be taken away with ours. */
const isThere = ({ read }: Surroundings, t: Tuple, family: Family): boolean => {
  const side = (cidr: Cidr | undefined): string => (cidr ? cidrText(cidr) : anywhere[family]);
  const rule = `${t.route ? "route:" : ""}allow ${t.protocol} ${t.port} ${side(t.to)} any ${side(t.from)} in`;
  return (read(files[family]) ?? "")
    .split("\n")
    .some((line) => line === `### tuple ### ${rule}` || line.startsWith(`### tuple ### ${rule} `));
};

const change = (o: Opening, t: Tuple, host: Surroundings): Change => {
  const side = (cidr: Cidr | undefined): string => (cidr ? cidrText(cidr) : "any");
  const where = ["from", side(t.from), "to", side(t.to), ...(t.port === "any" ? [] : ["port", t.port])];
  const words = ["allow", ...(t.protocol === "any" ? [] : ["proto", t.protocol]), ...where];
  const route = t.route ? ["route"] : [];
  return {
    line: ["ufw", ...route, ...words, "comment", markOf(o)],
    act: { kind: "run" },
    // ufw says that it could not delete a rule that is gone, and ends with 0.
    undo: { kind: "run", run: ["ufw", "--force", ...route, "delete", ...words] },
    holds: () => o.families.filter((f) => reaches(f, host)).every((f) => isThere(host, t, f)),
  };
};

const byHand = ({ ports, from }: InputOpening): string => {
  const source = from ? ` -s ${cidrText(from)}` : "";
  const rule = `-A ufw-before-input -p ${ports[0]}${source} -j ACCEPT`;
  return `ufw has no rule for IP protocol ${ports[0]}: add to /etc/ufw/before.rules, before COMMIT, and run ufw reload: ${rule}`;
};

export const ufw: Manager = {
  name: "ufw",
  program: "ufw",
  package: "ufw",
  rules: ({ chains, older }) => {
    const own = [...chains, ...older].find(({ name }) => name.startsWith("ufw"));
    return own && `chain ${own.name} in table ${own.table.family} ${own.table.name}`;
  },
  withoutOurs: (text) => text,
  // Behind rules of the person's that came before.
  lands: (o, host) =>
    o.to === "node" && o.protocol === "ip"
      ? []
      : o.families
          .filter((family) => reaches(family, host))
          .map((family) => ({
            table: { family: family === 4 ? "ip" : "ip6", name: "filter" },
            chain: `${family === 4 ? "ufw" : "ufw6"}-user-${o.to === "node" ? "input" : "forward"}`,
            at: "end",
          })),
  plan: (all, host) => {
    const openings = all.filter((o) => o.families.some((family) => reaches(family, host)));
    const left = openings.length < all.length ? ["ufw does not rule IPv6 here (IPV6=no in /etc/default/ufw)"] : [];
    return {
      changes: openings.flatMap((o): Change[] => {
        const any = { protocol: "any", port: "any" };
        if (o.to === "pods")
          return [
            change(o, { ...any, from: o.pods }, host),
            change(o, { ...any, route: true, from: o.pods }, host),
            change(o, { ...any, route: true, to: o.pods }, host),
          ];
        if (o.protocol === "ip") return [];
        return [
          change(o, { protocol: o.protocol, port: rangeText(o.ports, ":"), ...(o.from && { from: o.from }) }, host),
        ];
      }),
      boot: [],
      survivesReboot: true,
      notes: [...left, ...openings.flatMap((o) => (o.to === "node" && o.protocol === "ip" ? [byHand(o)] : []))],
    };
  },
};
