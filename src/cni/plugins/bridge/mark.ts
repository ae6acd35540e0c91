/** Our mark: the alias of the host's end of a pod's veth, by which DEL, GC and CHECK know whose it is. Pure. */
export interface Owner {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** The kernel takes 255 bytes (IFALIASZ); an interface name has at most 15. */
const longest = 110;

// "~" is in no network name and no container ID, so a shortened name is never another's full one.
const short = (name: string): string =>
  name.length <= longest
    ? name
    : `${name.slice(0, longest - 17)}~${new Bun.CryptoHasher("sha256").update(name).digest("hex").slice(0, 16)}`;

const prefix = "podwire ";

/** `podwire NETWORK/CONTAINER/IFNAME`; overlong names are cut and end in `~` and a hash. */
export const markOf = (o: Owner): string => `${networkMark(o.network)}${short(o.containerId)}/${o.ifname}`;

/** What the marks of all attachments of a network begin with. */
export const networkMark = (network: string): string => `${prefix}${short(network)}/`;

/** Mark of a VLAN's gateway, which belongs to all who use it. */
export const gatewayMark = (link: string): string => `${prefix}gateway ${link}`;

export const isMark = (alias: string | undefined): boolean => alias?.startsWith(prefix) ?? false;
