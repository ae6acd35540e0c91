import { expect, test } from "bun:test";
import { parseArgs, podKeys } from "./args.ts";

test("what containerd sends for a pod is read", () => {
  const args =
    "K8S_POD_UID=1a2b;IgnoreUnknown=1;K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=coredns-0;K8S_POD_INFRA_CONTAINER_ID=ff00";
  expect(parseArgs(args, podKeys)).toEqual({
    K8S_POD_NAMESPACE: "kube-system",
    K8S_POD_NAME: "coredns-0",
    K8S_POD_INFRA_CONTAINER_ID: "ff00",
    K8S_POD_UID: "1a2b",
  });
  expect(parseArgs(args, ["IP"])).toEqual({});
});

test("no arguments are no arguments", () => {
  expect(parseArgs("", ["IP"])).toEqual({});
});

test("an unknown key is refused unless the caller says to ignore it, wherever it says so", () => {
  expect(() => parseArgs("IP=10.0.0.1;FOO=1", ["IP"])).toThrow("CNI_ARGS: unknown key FOO: known are IP");
  expect(() => parseArgs("FOO=1;IgnoreUnknown=0", [])).toThrow("unknown key FOO: known are none");
  for (const yes of ["1", "true", "TRUE"])
    expect(parseArgs(`FOO=1;IP=10.0.0.1;IgnoreUnknown=${yes}`, ["IP"])).toEqual({ IP: "10.0.0.1" });
  expect(() => parseArgs("IgnoreUnknown=yes", [])).toThrow("IgnoreUnknown: expected 1, 0, true or false");
});

test("each pair has exactly one equals sign", () => {
  for (const bad of ["IP", "IP=1=2", "=x", "IP=1;", ";", "IP=1;;MAC=2"])
    expect(() => parseArgs(bad, ["IP", "MAC"])).toThrow("expected KEY=VALUE");
  expect(parseArgs("IP=", ["IP"])).toEqual({ IP: "" });
});
