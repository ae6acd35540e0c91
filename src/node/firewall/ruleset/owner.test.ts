import { expect, test } from "bun:test";
import type { OwnerName } from "./model.ts";
import { ownerOfChain, ownerOfComment, ownerOfTable } from "./owner.ts";

test.each<[string, OwnerName | undefined]>([
  ["ufw-before-input", "ufw"],
  ["ufw6-user-input", "ufw"],
  ["DOCKER-USER", "docker"],
  ["KUBE-SERVICES", "kube-proxy"],
  ["KUBE-SEP-6E7XQMQ4RAYOWTTM", "kube-proxy"],
  ["KUBE-FIREWALL", "kubelet"],
  ["cali-FORWARD", "calico"],
  ["CILIUM_INPUT", "cilium"],
  ["FLANNEL-FWD", "flannel"],
  ["LIBVIRT_INP", "libvirt"],
  ["f2b-sshd", "fail2ban"],
  ["INPUT_ZONES", "firewalld"],
  ["IN_public_allow", "firewalld"],
  ["CNI-HOSTPORT-DNAT", "cni-plugins"],
  ["INPUT", undefined],
  ["FORWARD", undefined],
])("chain %s: %s", (name, owner) => {
  expect(ownerOfChain(name)).toBe(owner);
});

test("tables and comments tell as well", () => {
  expect(ownerOfTable("kube-proxy")).toBe("kube-proxy");
  expect(ownerOfTable("firewalld")).toBe("firewalld");
  expect(ownerOfTable("filter")).toBeUndefined();
  expect(ownerOfComment("cali:wUHhoiAYhphO9Mso")).toBe("calico");
  expect(ownerOfComment("my own")).toBeUndefined();
  expect(ownerOfComment(undefined)).toBeUndefined();
});
