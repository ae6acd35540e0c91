import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Fault, FaultError, faultFix, faultMessage } from "../../base/fault.ts";
import { loadNetworks, pickNetwork, problemText } from "./conf-dir.ts";
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

test("lists come before single configs, each by file name, and other files are not looked at", () => {
  using h = fakeHost();
  h.conf("10-b.conf", single("b"));
  h.conf("05-a.json", single("a"));
  h.conf("99-c.conflist", list("c", "x"));
  h.conf("20-d.conflist", list("d", "x"));
  h.conf("README", "not a config");
  h.conf("30-e.conflist.tmp", "{");
  expect(loadNetworks(h.confDir).networks.map((n) => n.name)).toEqual(["d", "c", "a", "b"]);
  expect(loadNetworks(h.confDir).problems).toEqual([]);
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
  mkdirSync(join(h.confDir, "05-folder.conflist"));
  h.conf("10-good.conflist", list("good", "x"));
  const { networks, problems } = loadNetworks(h.confDir);
  expect(networks.map((n) => n.name)).toEqual(["good"]);
  const text = problems.map((p) => problemText(p).replaceAll(`${h.confDir}/`, ""));
  expect(text[0]).toBe(
    "00-cut.conflist:1:36: expected a key in double quotes after the comma, got the end of the text",
  );
  expect(text[1]).toBe("02-type.conflist:2:22: plugins[0].type: expected a string, got 5");
  expect(text[2]).toBe("04-none.conflist:1:44: plugins: expected at least one plugin, got an empty list");
  expect(text[3]).toContain("05-folder.conflist: ");
  expect(text[3]).toContain("EISDIR");
  expect(text[4]).toBe("01-empty.conf:1:1: expected a JSON value, got the end of the text");
  expect(text[5]).toContain("03-version.conf: incompatible CNI version");
  expect(problems).toHaveLength(6);
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

test("a network that is not there is answered with what is, what was meant and what could not be read", () => {
  using h = fakeHost();
  h.conf("10-a.conflist", list("example-network", "x"));
  h.conf("20-bad.conflist", "{");
  const fault = faultFrom(() => pickNetwork(h.confDir, "exampel-network"));
  const message = faultMessage(fault);
  expect(message).toContain("the networks there: example-network; did you mean example-network?");
  expect(message).toContain("20-bad.conflist:1:2:");
  expect(faultFix(fault)).toBe(`podwire cni validate --conf-dir ${h.confDir}`);
  expect(faultMessage(faultFrom(() => pickNetwork(h.confDir, "zzz")))).not.toContain("did you mean");
  const none = faultMessage(faultFrom(() => pickNetwork(join(h.confDir, "nowhere"), undefined)));
  expect(none).toBe(`a network: no network config in ${h.confDir}/nowhere`);
});
