/**
 * Files that make a node of a lab a machine of its own: nodes share one file system, and would all be clones of the machine.
 * Made from the names, so that the same lab has the same ones.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { NodePlace } from "../place.ts";
import type { Lab, LabNode } from "../topology/lab.ts";

const paths = (at: NodePlace) =>
  ({
    hostname: join(at.rootDir, "etc/hostname"),
    machineId: join(at.rootDir, "etc/machine-id"),
    productUuid: join(at.rootDir, "sys/class/dmi/id/product_uuid"),
    instanceId: join(at.rootDir, "var/lib/cloud/data/instance-id"),
    hostKey: join(at.rootDir, "etc/ssh/ssh_host_ed25519_key.pub"),
    resolvConf: join(at.rootDir, "etc/resolv.conf"),
    confDir: join(at.rootDir, "etc/cni/net.d"),
    binDir: join(at.rootDir, "opt/cni/bin"),
  }) as const;

const digest = (lab: Lab, node: LabNode, of: string): Buffer =>
  createHash("sha256").update(`${lab.name}/${node.name}/${of}`).digest();

/** RFC 9562, version 8: an application's own. */
const uuid = (b: Buffer): string => {
  const hex = b.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
};

/** The public half alone, in OpenSSH's form (RFC 8709): nobody can log in with it, and no check asks more. */
const publicKey = (b: Buffer): string => {
  const field = (data: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, data.length]), data]);
  const blob = Buffer.concat([field(Buffer.from("ssh-ed25519")), field(b)]);
  return `ssh-ed25519 ${blob.toString("base64")} root@lab`;
};

export const ownFolders = (at: NodePlace): string[] => [
  ...new Set(Object.values(paths(at)).map((path) => dirname(path))),
];

export const ownFiles = (
  lab: Lab,
  node: LabNode,
  at: NodePlace,
): { readonly path: string; readonly text: string }[] => {
  const p = paths(at);
  return [
    { path: p.hostname, text: node.name },
    { path: p.machineId, text: digest(lab, node, "machine-id").toString("hex").slice(0, 32) },
    { path: p.productUuid, text: uuid(digest(lab, node, "product-uuid")) },
    { path: p.instanceId, text: `i-${digest(lab, node, "instance-id").toString("hex").slice(0, 17)}` },
    { path: p.hostKey, text: publicKey(digest(lab, node, "ssh")) },
    // TEST-NET-1 (RFC 5737): a name server that is not asked.
    { path: p.resolvConf, text: "nameserver 192.0.2.53" },
  ].map(({ path, text }) => ({ path, text: `${text}\n` }));
};

/** Where CNI's folders are on a machine. */
export const ownLinks = (at: NodePlace): { readonly path: string; readonly target: string }[] => {
  const p = paths(at);
  return [
    { path: p.confDir, target: at.confDir },
    { path: p.binDir, target: at.binDir },
  ];
};
