/**
 * Our mark on a link, its alias: of the host's end of a pod's veth, and of a pod's link that has no other end. By it DEL,
 * GC and CHECK know whose it is, and the command line what lives here that no cache tells of. Pure.
 */
export interface Owner {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** The kernel takes 255 bytes (IFALIASZ); an interface name has at most 15. */
const longest = 110;

/** "~" is in no network name and no container ID, so a shortened name is never another's full one. */
export const short = (name: string, most = longest): string =>
  name.length <= most ? name : `${name.slice(0, most - 17)}~${hash(name).slice(0, 16)}`;

/** SHA-256 in hexadecimal digits. */
export const hash = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");

const prefix = "podwire ";

/** `podwire NETWORK/CONTAINER/IFNAME`; overlong names are cut and end in `~` and a hash. */
export const markOf = (o: Owner): string => `${networkMark(o.network)}${short(o.containerId)}/${o.ifname}`;

/** `whole` is false when the container's name was cut, so that it cannot be told. */
export type MarkedOwner = Owner & { readonly whole: boolean };

/** The owner that a mark of this network names; undefined when it is none of these. */
export const ownerOf = (network: string, alias: string | undefined): MarkedOwner | undefined =>
  ownerIn(network, alias, networkMark(network));

const ownerIn = (network: string, alias: string | undefined, begin: string): MarkedOwner | undefined => {
  if (!alias?.startsWith(begin)) return undefined;
  const [containerId = "", ifname = ""] = alias.slice(begin.length).split("/");
  return { network, containerId, ifname, whole: !containerId.includes("~") };
};

/** What the marks of all attachments of a network begin with. */
export const networkMark = (network: string): string => `${prefix}${short(network)}/`;

/** The same mark as the comment of a rule or an element of nf_tables, which takes 127 bytes. */
export const commentOf = (o: Owner): string => `${networkComment(o.network)}${short(o.containerId, 64)}/${o.ifname}`;
/** What the comments of all attachments of a network begin with. */
export const networkComment = (network: string): string => `${prefix}${short(network, 38)}/`;

/**
 * Group of a veth from its birth until it has its mark: the kernel takes a group with the message that creates a link,
 * an alias only afterwards, and an ADD can be killed in between. Far from the small numbers that people give, and in 31
 * bits, which is what `ip` takes.
 */
export const birthGroup = (network: string): number =>
  (Number.parseInt(hash(networkMark(network)).slice(0, 8), 16) & 0x1fff_ffff) | 0x2000_0000;

/**
 * The same mark on a routing rule, as the group of links that it passes over (`suppress_ifgroup`): no link is in that
 * group. Thirty bits of a hash, above the small numbers that people give and a veth's group at birth.
 */
export const ruleMark = (o: Owner): number =>
  (Number.parseInt(hash(markOf(o)).slice(0, 8), 16) & 0x3fff_ffff) | 0x4000_0000;

/** What a link is called for the moment that its own name would be taken for the host's: the same at each try. */
export const passingName = (o: Owner): string => `podwire${hash(markOf(o)).slice(0, 8)}`;

/**
 * Mark of a device of the host that is moved into a pod, and comes back: whose it is, and what it is called on the host.
 * No veth's mark, so that what removes those never takes it for one.
 */
export const deviceMark = (o: Owner, device: string): string => `${deviceMarks(o)}${device}`;
/** What the marks of an attachment's device begin with, whatever it is called. */
export const deviceMarks = (o: Owner): string =>
  `${networkDevices(o.network)}${short(o.containerId, 100)}/${o.ifname}/`;
/** What the marks of all devices of a network begin with. */
export const networkDevices = (network: string): string => `${prefix}device ${short(network, 100)}/`;
/** The owner of a device that bears a mark of this network. */
export const deviceOwnerOf = (network: string, alias: string | undefined): MarkedOwner | undefined =>
  ownerIn(network, alias, networkDevices(network));
/** What a marked device is called on the host; undefined when the alias is no such mark. */
export const markedDevice = (alias: string | undefined): string | undefined =>
  alias?.startsWith(`${prefix}device `) ? alias.split("/")[3] : undefined;

/** Mark of a VLAN's gateway, which belongs to all who use it. */
export const gatewayMark = (link: string): string => `${prefix}gateway ${link}`;

/** Mark of a VRF that a pod was given: it goes with the last interface in it. */
export const vrfMark = (network: string): string => `${prefix}vrf ${short(network)}`;
export const isVrfMark = (alias: string | undefined): boolean => alias?.startsWith(`${prefix}vrf `) ?? false;

export const isMark = (alias: string | undefined): boolean => alias?.startsWith(prefix) ?? false;
