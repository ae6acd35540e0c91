/** Which rows of the table a node of some roles has, and how a row is written. */
import { portRows } from "./ports.ts";
import type { Network, PortRow, Role } from "./row.ts";

/** A control plane has etcd of its own unless its roles say otherwise (kubeadm's stacked etcd). */
export const rolesOf = (role: Role): readonly Role[] => (role === "control-plane" ? ["control-plane", "etcd"] : [role]);

/** Rows of a node with these roles in a cluster with these parts, in the table's order. */
export const rowsFor = (roles: readonly Role[], networks: readonly Network[]): PortRow[] =>
  portRows.filter(
    (row) =>
      row.roles.some((role) => roles.includes(role)) && (row.network === undefined || networks.includes(row.network)),
  );

/** `6443`, `30000-32767`; iptables and ufw put a colon between. */
export const rangeText = ([first, last]: PortRow["ports"], between: "-" | ":" = "-"): string =>
  first === last ? `${first}` : `${first}${between}${last}`;

/** `tcp/6443`, `udp/30000-32767`, `ip/4`. */
export const portText = ({ protocol, ports }: Pick<PortRow, "protocol" | "ports">): string =>
  `${protocol}/${rangeText(ports)}`;
