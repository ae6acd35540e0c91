import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Fault, FaultError, faultFix, faultMessage } from "../../base/fault.ts";
import { loadNetworks, problemText } from "./conf-dir.ts";
import { pickNetwork, takenOf } from "./pick.ts";
import { fakeHost } from "./testing/fake-plugins.ts";

const list = (name: string, ...types: string[]) =>
  JSON.stringify({ cniVersion: "1.0.0", name, plugins: types.map((type) => ({ type })) });
const single = (name: string) => JSON.stringify({ cniVersion: "0.4.0", name, type: "bridge" });
const faultFrom = (act: () => unknown): Fault => {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
  }
  throw new Error("expected a fault");
};

test("networks stand in the order of their files; what no runtime reads is told, folders are passed over", () => {
  using h = fakeHost();
  h.conf("10-b.conf", single("b"));
  h.conf("05-a.json", single("a"));
  h.conf("99-c.conflist", list("c", "x"));
  h.conf("20-d.conflist", list("d", "x"));
  h.conf("30-e.conflist.bak", "{");
  mkdirSync(join(h.confDir, "whereabouts.d"));
  mkdirSync(join(h.confDir, "27.conf"));
  const all = loadNetworks(h.confDir);
  expect(all.networks.map((n) => n.name)).toEqual(["a", "b", "d", "c"]);
  expect(all.problems).toEqual([]);
  expect(all.ignored).toEqual([
    { file: join(h.confDir, "27.conf"), why: "is a folder" },
    { file: join(h.confDir, "30-e.conflist.bak"), why: "its name does not end in .conf, .conflist or .json" },
  ]);
});

test("a list in a .conf and a plugin in a .conflist are refused, as libcni does, with the name that fits", () => {
  using h = fakeHost();
  h.conf("10-a.conf", list("a", "x"));
  h.conf("20-b.conflist", single("b"));
  const { networks, problems } = loadNetworks(h.confDir);
  expect(networks).toEqual([]);
  expect(problems.map((p) => faultFix(p.fault)?.replaceAll(`${h.confDir}/`, ""))).toEqual([
    "mv 10-a.conf 10-a.conflist",
    "mv 20-b.conflist 20-b.conf",
  ]);
});

test("the first file is the one that container runtimes take; a broken one before it stops containerd", () => {
  using h = fakeHost();
  h.conf("10-b.conf", single("b"));
  h.conf("20-a.conflist", list("a", "x"));
  h.conf("30-cut.conflist", "{");
  expect(takenOf(loadNetworks(h.confDir))).toEqual({ network: expect.objectContaining({ name: "b" }) });
  h.conf("05-cut.conflist", "{");
  const taken = takenOf(loadNetworks(h.confDir));
  expect([taken.network?.name, taken.stops?.file]).toEqual(["b", join(h.confDir, "05-cut.conflist")]);
});

test("without a name the first file of any kind is taken", () => {
  using h = fakeHost();
  h.conf("99-c.conflist", list("c", "x"));
  h.conf("10-b.conf", single("b"));
  expect(pickNetwork(h.confDir, undefined).name).toBe("b");
});

test("malformed, half written and unreadable files are reported with their place and the rest is used", () => {
  using h = fakeHost();
  h.conf("00-cut.conflist", '{"cniVersion":"1.0.0","name":"cut",');
  h.conf("01-empty.conf", "");
  h.conf("02-type.conflist", '{"cniVersion":"1.0.0","name":"t",\n  "plugins":[{"type":5}]}');
  h.conf("03-version.conf", '{"cniVersion":"9.0.0","name":"v","type":"bridge"}');
  h.conf("04-none.conflist", '{"cniVersion":"1.0.0","name":"n","plugins":[]}');
  h.conf("10-good.conflist", list("good", "x"));
  const { networks, problems } = loadNetworks(h.confDir);
  expect(networks.map((n) => n.name)).toEqual(["good"]);
  const text = problems.map((p) => problemText(p).replaceAll(`${h.confDir}/`, ""));
  expect(text[0]).toBe(
    "00-cut.conflist:1:36: expected a key in double quotes after the comma, got the end of the text",
  );
  expect(text[1]).toBe("01-empty.conf:1:1: expected a JSON value, got the end of the text");
  expect(text[2]).toBe("02-type.conflist:2:22: plugins[0].type: expected a string, got 5");
  expect(text[3]).toContain("03-version.conf: incompatible CNI version");
  expect(text[4]).toBe("04-none.conflist:1:44: plugins: expected at least one plugin, got an empty list");
  expect(problems).toHaveLength(5);
});

test("a second file of the same name is reported as never used", () => {
  using h = fakeHost();
  h.conf("10-a.conflist", list("same", "x"));
  h.conf("20-b.conf", single("same"));
  const { networks, problems } = loadNetworks(h.confDir);
  expect(networks.map((n) => n.file)).toEqual([join(h.confDir, "10-a.conflist")]);
  expect(problems.map((p) => p.fault.kind)).toEqual(["exists"]);
});

test("plugins from the network's folder come after those in the list, unless it says otherwise", () => {
  using h = fakeHost();
  h.conf("net/20-z.conf", '{"type":"z"}');
  h.conf("net/10-y.conf", '{"type":"y"}');
  h.conf("net/30-other.json", '{"type":"no"}');
  h.conf("10-net.conflist", list("net", "x"));
  expect(pickNetwork(h.confDir, "net").plugins.map((p) => p.type)).toEqual(["x", "y", "z"]);
  h.conf("10-net.conflist", '{"cniVersion":"1.0.0","name":"net"}');
  expect(pickNetwork(h.confDir, "net").plugins.map((p) => p.type)).toEqual(["y", "z"]);
  h.conf(
    "10-net.conflist",
    '{"cniVersion":"1.0.0","name":"net","loadOnlyInlinedPlugins":true,"plugins":[{"type":"x"}]}',
  );
  expect(pickNetwork(h.confDir, "net").plugins.map((p) => p.type)).toEqual(["x"]);
});

test("of several versions the newest that we know is chosen", () => {
  using h = fakeHost();
  h.conf(
    "a.conflist",
    '{"cniVersion":"0.4.0","cniVersions":["1.0.0","1.1.0","7.0.0"],"name":"a","plugins":[{"type":"x"}]}',
  );
  expect(pickNetwork(h.confDir, "a").cniVersion).toBe("1.1.0");
});

test("a network that is not there is answered with one thing: what was meant, or its own broken file, or what there is", () => {
  using h = fakeHost();
  h.conf("10-a.conflist", list("example-network", "x"));
  h.conf("20-bad.conflist", "{");
  h.conf("30-old.conflist", '{"cniVersion":"9.0.0","name":"old","plugins":[{"type":"x"}]}');
  const said = (name?: string, dir = h.confDir) => {
    const fault = faultFrom(() => pickNetwork(dir, name));
    return [faultMessage(fault), faultFix(fault)].map((text) => text?.replaceAll(h.confDir, "DIR"));
  };
  expect(said("exampel-network")).toEqual([
    'network "exampel-network": not in DIR; did you mean example-network?',
    "podwire cni list --conf-dir DIR",
  ]);
  expect(said("zzz")[0]).toBe('network "zzz": not in DIR, which has example-network');
  expect(said("old")).toEqual([
    expect.stringMatching(/^network "old": its file cannot be used: DIR\/30-old\.conflist: incompatible CNI version/),
    "podwire cni validate DIR/30-old.conflist",
  ]);
  expect(said(undefined, join(h.confDir, "nowhere"))[0]).toBe("a network: no network config in DIR/nowhere");
  h.conf("10-a.conflist", "{");
  expect(said("a")[0]).toBe('network "a": none of the 3 configs in DIR can be used');
});
