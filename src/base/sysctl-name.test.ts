import { expect, test } from "bun:test";
import { sysctlName } from "./sysctl-name.ts";

test("a name is written as sysctl(8) prints it", () => {
  expect(sysctlName("net/ipv4/ip_forward")).toBe("net.ipv4.ip_forward");
  expect(sysctlName("net/ipv4/conf/eth0.7/rp_filter")).toBe("net.ipv4.conf.eth0/7.rp_filter");
});
