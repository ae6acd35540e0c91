import { describe, expect, test } from "bun:test";
import { FaultError } from "../base/fault.ts";
import type { JsonObject } from "../base/json-types.ts";
import type { SkelOutput } from "./introduce.ts";
import type { NetnsKind } from "./netns-probe.ts";
import type { Plugin, Ports } from "./plugin.ts";
import type { Env } from "./request.ts";
import { runPlugin } from "./skel.ts";
import { decodeResult, emptyResult } from "./spec/result.ts";
import { cniVersions, type Request, type Result } from "./spec/types.ts";

/** A plugin that notes what it is asked. */
class Noting implements Plugin<JsonObject> {
  readonly name = "noting";
  readonly kind = "main";
  readonly about = "notes what it is asked";
  readonly versions = cniVersions;
  readonly capabilities = [];
  readonly keys = [];
  readonly asked: Request<JsonObject>[] = [];
  result: Result = decodeResult({ ips: [{ address: "10.1.0.5/24" }] }, "1.0.0");
  fails: unknown;

  parse(raw: JsonObject): JsonObject {
    if (raw.refuse) throw new FaultError({ kind: "bad-config", at: "refuse", why: "is there" });
    return raw;
  }
  async add(request: Request<JsonObject>): Promise<Result> {
    await this.#note(request);
    return this.result;
  }
  del = (request: Request<JsonObject>): Promise<void> => this.#note(request);
  check = this.del;
  gc = this.del;
  status = this.del;
  async #note(request: Request<JsonObject>): Promise<void> {
    this.asked.push(request);
    if (this.fails) throw this.fails;
  }
}

const full = {
  CNI_CONTAINERID: "c1",
  CNI_NETNS: "/run/netns/pod",
  CNI_IFNAME: "eth0",
  CNI_PATH: "/opt/cni/bin:/usr/lib/cni",
};
const conf = (cniVersion: string, more: object = {}): string =>
  JSON.stringify({ cniVersion, name: "net", type: "noting", ...more });

const never = (): never => {
  throw new Error("should not have been asked");
};
const run = (
  plugin: Plugin,
  env: Env,
  stdin: string | (() => string),
  netns: NetnsKind = "other",
): Promise<SkelOutput> =>
  runPlugin(plugin, {
    load: async () => plugin,
    env,
    stdin: typeof stdin === "string" ? () => stdin : stdin,
    netns: { inspect: () => netns },
    ports: () => ({}) as Ports,
  });
const call = async (verb: string, stdin: string, env: Env = full, netns: NetnsKind = "other") => {
  const plugin = new Noting();
  const out = await run(plugin, { ...env, CNI_COMMAND: verb }, stdin, netns);
  return { ...out, asked: plugin.asked };
};
const refused = async (verb: string, stdin: string, env: Env = full, netns: NetnsKind = "other") => {
  const { stdout, exit, asked } = await call(verb, stdin, env, netns);
  expect(exit).toBe(1);
  expect(asked).toEqual([]);
  return JSON.parse(stdout) as { cniVersion: string; code: number; msg: string; details?: string };
};

describe("without a command", () => {
  test("the plugin says on stderr what it is, and reads nothing", async () => {
    for (const env of [{}, { CNI_COMMAND: "" }]) {
      const out = await run(new Noting(), env, never);
      expect(out).toEqual({
        stdout: "",
        stderr: `noting: notes what it is asked\nCNI protocol versions supported: ${cniVersions.join(", ")}\n`,
        exit: 0,
      });
    }
  });
});

describe("VERSION", () => {
  const version = async (stdin: string | (() => string)): Promise<unknown> => {
    const out = await runPlugin(new Noting(), {
      load: never,
      env: { CNI_COMMAND: "VERSION" },
      stdin: typeof stdin === "string" ? () => stdin : stdin,
      netns: { inspect: never },
      ports: never,
    });
    expect([out.exit, out.stderr]).toEqual([0, ""]);
    return JSON.parse(out.stdout);
  };
  test("answers with the version as given, even one that it does not know", async () => {
    for (const cniVersion of ["0.4.0", "9.9.9"])
      expect(await version(`{"cniVersion":"${cniVersion}"}`)).toEqual({
        cniVersion,
        supportedVersions: [...cniVersions],
      });
  });
  test("answers with its newest when none can be read", async () => {
    const unreadable = (): string => {
      throw Object.assign(new Error("EBADF"), { code: "EBADF", syscall: "read" });
    };
    for (const stdin of ["", "{}", "null", "[", "3", '{"cniVersion":5}', unreadable])
      expect(await version(stdin)).toEqual({ cniVersion: "1.1.0", supportedVersions: [...cniVersions] });
  });
});

describe("the environment", () => {
  test("all that is missing is named at once", async () => {
    const missing = async (verb: string) => (await refused(verb, conf("1.1.0"), {})).msg;
    expect(await missing("ADD")).toStartWith("CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME: ");
    expect(await missing("CHECK")).toStartWith("CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME: ");
    expect(await missing("DEL")).toStartWith("CNI_CONTAINERID, CNI_IFNAME: ");
    expect(await missing("GC")).toStartWith("CNI_PATH: ");
    expect(await missing("STATUS")).toStartWith("CNI_PATH: ");
  });
  test("an empty variable is a missing one", async () => {
    expect(await refused("ADD", conf("1.0.0"), { ...full, CNI_NETNS: "" })).toMatchObject({ code: 4 });
  });
  test("names are checked", async () => {
    expect(await refused("ADD", conf("1.0.0"), { ...full, CNI_IFNAME: "far-too-long-name" })).toMatchObject({
      code: 4,
    });
    expect(await refused("DEL", conf("1.0.0"), { ...full, CNI_CONTAINERID: "../x" })).toMatchObject({ code: 4 });
  });
  test("an unknown verb is code 4 and the answer lists the known", async () => {
    const error = await refused("add", conf("1.0.0"));
    expect(error.code).toBe(4);
    expect(error.msg).toContain("expected ADD, DEL, VERSION, CHECK, GC, STATUS");
    expect(await refused("toString", conf("1.0.0"))).toMatchObject({ code: 4 });
  });
});

describe("stdin", () => {
  test("that is no JSON is code 6 with its line and column", async () => {
    const error = await refused("ADD", '{\n  "name": "x",\n}');
    expect(error).toMatchObject({ code: 6, cniVersion: "1.1.0" });
    expect(error.msg).toStartWith("stdin:3:1: ");
    expect(await refused("DEL", "")).toMatchObject({ code: 6 });
  });
  test("that is no object, or has a bad or no name, is code 7", async () => {
    for (const text of ["[]", "null", conf("1.0.0", { name: "" }), conf("1.0.0", { name: "a/b" }), '{"name":5}'])
      expect(await refused("ADD", text)).toMatchObject({ code: 7 });
  });
  test("that the plugin refuses is refused before any port is opened", async () => {
    const noting = new Noting();
    const out = await runPlugin(noting, {
      load: async () => noting,
      env: { ...full, CNI_COMMAND: "ADD" },
      stdin: () => conf("1.0.0", { refuse: true }),
      netns: { inspect: () => "other" },
      ports: never,
    });
    expect(JSON.parse(out.stdout)).toEqual({ cniVersion: "1.0.0", code: 7, msg: "refuse: is there" });
  });
});

describe("the version", () => {
  test("has to be one of the plugin's, and the error carries it as it was given", async () => {
    expect(await refused("ADD", conf("9.9.9"))).toMatchObject({ code: 1, cniVersion: "9.9.9" });
    expect(await refused("ADD", conf("1.0"))).toMatchObject({ code: 1, cniVersion: "1.0" });
  });
  test("has to have the verb", async () => {
    expect((await refused("CHECK", conf("0.3.1"))).msg).toContain("CHECK came with CNI 0.4.0");
    for (const verb of ["GC", "STATUS"]) expect(await refused(verb, conf("1.0.0"))).toMatchObject({ code: 1 });
  });
  test("when absent is 0.1.0", async () => {
    const { asked, stdout } = await call("ADD", '{"name":"net"}');
    expect(asked[0]?.cniVersion).toBe("0.1.0");
    expect(JSON.parse(stdout)).toEqual({ cniVersion: "0.1.0", ip4: { ip: "10.1.0.5/24" }, dns: {} });
  });
});

describe("the namespace", () => {
  const own = { ...full, CNI_NETNS_OVERRIDE: "True" };
  test("has to be there and be one for ADD and CHECK", async () => {
    for (const verb of ["ADD", "CHECK"]) {
      expect((await refused(verb, conf("1.0.0"), full, "missing")).code).toBe(4);
      expect((await refused(verb, conf("1.0.0"), full, "not-a-netns")).code).toBe(4);
    }
    const fix = async (CNI_NETNS: string) =>
      (await refused("ADD", conf("1.0.0"), { ...full, CNI_NETNS }, "missing")).details;
    expect(await fix("/var/run/netns/web")).toBe("ip netns add web");
    expect(await fix("/proc/4711/ns/net")).toBe("lsns -t net");
  });
  test("is never our own for ADD and DEL, unless the override says so", async () => {
    for (const verb of ["ADD", "DEL"]) {
      expect((await refused(verb, conf("1.0.0"), full, "own")).code).toBe(4);
      expect((await call(verb, conf("1.0.0"), own, "own")).asked[0]?.netns).toBe("/run/netns/pod");
    }
  });
  test("may be gone for DEL, which goes on without", async () => {
    for (const kind of ["missing", "not-a-netns"] as const)
      expect((await call("DEL", conf("1.0.0"), full, kind)).asked[0]?.netns).toBe("");
    const { CNI_NETNS: _, ...none } = full;
    expect((await call("DEL", conf("1.0.0"), none)).asked[0]?.netns).toBe("");
  });
});

describe("the request", () => {
  test("has everything the caller gave", async () => {
    const prevResult = { cniVersion: "0.4.0", ips: [{ version: "4", address: "10.1.0.9/24" }] };
    const env = { ...full, CNI_ARGS: "A=B" };
    const { asked, stdout, exit } = await call("CHECK", conf("1.0.0", { prevResult, x: 1 }), env);
    expect([stdout, exit]).toEqual(["", 0]);
    expect(asked[0]).toMatchObject({
      verb: "CHECK",
      cniVersion: "1.0.0",
      network: "net",
      containerId: "c1",
      netns: "/run/netns/pod",
      ifname: "eth0",
      args: "A=B",
      path: ["/opt/cni/bin", "/usr/lib/cni"],
      raw: { x: 1, prevResult },
      prevResult: decodeResult(prevResult, "1.0.0"),
    });
  });
  test("ADD prints the result with four spaces in the version that was asked for", async () => {
    const { stdout } = await call("ADD", conf("0.4.0"));
    expect(stdout).toStartWith('{\n    "cniVersion": "0.4.0",\n    "ips": [\n        {\n            "version": "4",');
  });
  test("a damaged prevResult stops ADD and CHECK; DEL goes on and says so on stderr", async () => {
    const damaged = conf("1.0.0", { prevResult: { ips: [{ address: "x" }] } });
    for (const verb of ["ADD", "CHECK"])
      expect((await refused(verb, damaged)).msg).toStartWith("prevResult.ips[0].address: ");
    const { asked, stderr, exit } = await call("DEL", damaged);
    expect([asked.length, asked[0]?.prevResult, exit]).toEqual([1, undefined, 0]);
    expect(stderr).toStartWith("noting: prevResult left aside: ");
  });
  test("CHECK that is disabled succeeds without asking", async () => {
    const { asked, exit } = await call("CHECK", conf("1.0.0", { disableCheck: "TRUE" }));
    expect([asked.length, exit]).toEqual([0, 0]);
  });
});

describe("GC", () => {
  const attachments = async (more: object) => (await call("GC", conf("1.1.0", more))).asked[0];
  test("tells apart an empty list and no list", async () => {
    expect((await attachments({ "cni.dev/valid-attachments": [] }))?.validAttachments).toEqual([]);
    expect((await attachments({}))?.validAttachments).toBeUndefined();
    expect((await attachments({ "cni.dev/valid-attachments": null }))?.validAttachments).toBeUndefined();
  });
  test("reads the forerunner's key when the spec's is not there", async () => {
    const list = [{ containerID: "c1", ifname: "eth0" }];
    expect(await attachments({ "cni.dev/attachments": list })).toMatchObject({
      validAttachments: [{ containerId: "c1", ifname: "eth0" }],
      containerId: "",
      ifname: "",
    });
  });
  test("refuses a damaged entry instead of deleting what it stands for", async () => {
    const error = await refused("GC", conf("1.1.0", { "cni.dev/valid-attachments": [{ containerID: "c1" }] }));
    expect(error.msg).toStartWith("cni.dev/valid-attachments[0].ifname: ");
  });
});

describe("a failure of the plugin", () => {
  test("is an error object on stdout and exit status 1", async () => {
    const plugin = new Noting();
    plugin.fails = new FaultError({ kind: "kernel", op: "ip link add", errno: "EEXIST", fix: "ip link del x" });
    const out = await run(plugin, { ...full, CNI_COMMAND: "ADD" }, conf("1.0.0"));
    expect(out.exit).toBe(1);
    expect(JSON.parse(out.stdout)).toEqual({
      cniVersion: "1.0.0",
      code: 105,
      msg: "ip link add: it is there already (EEXIST)",
      details: "ip link del x",
    });
  });
  test("an ADD whose result cannot be said in the version is undone", async () => {
    const plugin = new Noting();
    plugin.result = emptyResult;
    const out = await run(plugin, { ...full, CNI_COMMAND: "ADD" }, conf("0.2.0"));
    expect(JSON.parse(out.stdout)).toMatchObject({ code: 1 });
    // Asked to add, then to delete.
    expect(plugin.asked).toHaveLength(2);
  });
});
