/** What makes a machine itself: clones of a virtual machine share some of it, and then Kubernetes or the network mixes them up. */
import { createHash } from "node:crypto";
import type { Ip } from "../base/ip.ts";
import { isLinkLocal6, isLoopback } from "../base/ip.ts";
import type { Host } from "./host.ts";

export interface Identity {
  readonly hostname: string;
  /** /etc/machine-id (machine-id(5)): 32 hexadecimal digits. */
  readonly machineId?: string;
  /** Of the firmware (SMBIOS system UUID); root alone may read it, and many ARM boards have none. */
  readonly productUuid?: string;
  /** cloud-init's instance-id. */
  readonly instanceId?: string;
  /** `ssh-ed25519 SHA256:...`, as ssh-keygen -l prints fingerprints, sorted. */
  readonly sshHostKeys: readonly string[];
  /** Of links that are not made by software alone. */
  readonly macs: readonly { readonly link: string; readonly mac: string }[];
  /** Global addresses. */
  readonly addresses: readonly Ip[];
}

const fingerprint = (key: string): string | undefined => {
  const [type, blob] = key.trim().split(/\s+/);
  if (!type || !blob) return undefined;
  const digest = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64").replace(/=+$/, "");
  return `${type} SHA256:${digest}`;
};

/** What may not be read, or is not there, is left out. */
const readOr = (host: Host, path: string): string | undefined => {
  try {
    return host.read(path)?.trim() || undefined;
  } catch {
    return undefined;
  }
};

const sshHostKeys = (host: Host): string[] =>
  host
    .list("/etc/ssh")
    .filter((name) => /^ssh_host_.+_key\.pub$/.test(name))
    .map((name) => fingerprint(readOr(host, `/etc/ssh/${name}`) ?? ""))
    .filter((f) => f !== undefined)
    .sort();

/** Kinds of links that a machine's own card never has. A lab's cards are veths. */
const madeUp = (kind: string | undefined, host: Host): boolean =>
  kind !== undefined && !(host.kind === "lab-node" && kind === "veth");

/** Links that stand for a card of this host. */
export const cardsOf = (host: Host) =>
  host.links.filter(
    (link) => link.mac !== undefined && link.name !== "lo" && link.master === undefined && !madeUp(link.kind, host),
  );

const defined = <T extends object>(of: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as never;

export const identityOf = (host: Host): Identity => ({
  hostname: host.name,
  ...defined({
    machineId: readOr(host, "/etc/machine-id"),
    productUuid: readOr(host, "/sys/class/dmi/id/product_uuid")?.toLowerCase(),
    instanceId: readOr(host, "/var/lib/cloud/data/instance-id"),
  }),
  sshHostKeys: sshHostKeys(host),
  macs: cardsOf(host).map(({ name, mac }) => ({ link: name, mac: String(mac) })),
  addresses: host.addresses.map((a) => a.address.ip).filter((ip) => !isLoopback(ip) && !isLinkLocal6(ip)),
});
