import { describe, expect, test } from "bun:test";
import { FaultError } from "../../../base/fault.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { Request } from "../../spec/types.ts";
import type { HostDeviceConfig } from "./config.ts";
import { parseConfig } from "./parse.ts";

const parse = (raw: JsonObject, verb?: Request<unknown>["verb"]): HostDeviceConfig =>
  parseConfig(
    { type: "host-device", ...raw },
    { cniVersion: "1.1.0", network: "net1", args: "", ...(verb && { verb }) },
  );
const refusal = (raw: JsonObject): FaultError => {
  try {
    parse(raw);
  } catch (error) {
    if (error instanceof FaultError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

describe("the device is named", () => {
  const all = {
    device: "ens3",
    hwaddr: "02:00:00:00:00:05",
    kernelpath: "/sys/devices/pci0000:00/0000:00:1f.6",
    pciBusID: "0000:00:1f.6",
    runtimeConfig: { deviceID: "0000:00:02.1" },
  };
  test("by device, else hwaddr, else kernelpath, else the runtime's deviceID, else pciBusID", () => {
    const by = (raw: JsonObject) => parse(raw).named?.by as string;
    expect(by(all)).toBe("device");
    expect(by({ ...all, device: "" })).toBe("hwaddr");
    expect(by({ ...all, device: "", hwaddr: "" })).toBe("kernelpath");
    expect(by({ ...all, device: "", hwaddr: "", kernelpath: "" })).toBe("deviceID");
    expect(by({ pciBusID: all.pciBusID })).toBe("pciBusID");
  });
  test("for ADD, unless the runtime is to name it", () => {
    expect(refusal({}).message).toContain("expected one of device, hwaddr, kernelpath, pciBusID");
    expect(() => parse({}, "ADD")).toThrow();
    for (const verb of ["DEL", "CHECK", "GC", "STATUS"] as const) expect(parse({}, verb).named).toBeUndefined();
    expect(parse({ capabilities: { deviceID: true } }).named).toBeUndefined();
  });
  test.each([
    [{ device: "a/b" }, "device"],
    [{ device: "abcdefghijklmnop" }, "device"],
    [{ kernelpath: "/etc" }, "kernelpath"],
    [{ kernelpath: "/sys/devices/../../etc" }, "kernelpath"],
    [{ pciBusID: "../../etc" }, "pciBusID"],
    [{ runtimeConfig: { deviceID: ".." } }, "runtimeConfig.deviceID"],
    [{ device: "ens3", dataDir: "here" }, "dataDir"],
    [{ device: "ens3", ipam: { type: "../sh" } }, "ipam.type"],
    [{ device: 3 }, "device"],
  ] as const)("%j is refused at %s", (raw, at) => {
    expect(refusal(raw as JsonObject).fault).toMatchObject({ kind: "bad-config", at });
  });
  test("by no MAC that is none", () => {
    expect(refusal({ hwaddr: "02:00" }).message).toStartWith(`hwaddr: got "02:00"`);
  });
});

test("an IPAM object without a type is no IPAM", () => {
  expect(parse({ device: "ens3", ipam: {} })).toEqual({
    named: { by: "device", name: "ens3" },
    dns: {},
    dataDir: "/run/podwire/host-device",
  });
});
