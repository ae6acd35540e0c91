/** What a vxlan link is made with. */
import type { Link } from "../../net/links.ts";

export interface Vxlan {
  /** VNI. */
  readonly id: number;
  /** UDP. */
  readonly port: number;
  /** Index of the link that it sends by, when it says. */
  readonly lower?: number;
}

export const vxlanOf = ({ info }: Link): Vxlan => {
  const { id = 0, port = 0, link } = info?.kind === "vxlan" && "data" in info ? (info.data ?? {}) : {};
  return { id: Number(id), port: Number(port), ...(link === undefined ? {} : { lower: Number(link) }) };
};
