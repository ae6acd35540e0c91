/** The daemon's command line, as the reference's takes it. */
import { expect, test } from "bun:test";
import { parseOptions } from "./options.ts";

test("without flags it is the reference's", () => {
  expect(parseOptions([])).toEqual({
    ...{ socket: "/run/cni/dhcp.sock", hostPrefix: "", broadcast: false },
    timing: { tryMs: 10_000, longestPause: 62_000, giveUp: 208_000 },
  });
});

test("values stand behind a blank or an equals sign, after one dash or two; times are Go's", () => {
  const words =
    "-socketpath /s --hostprefix=/host -broadcast -pidfile p -timeout 1.5s -resendmax=1m30s -resendtimeout 1h";
  expect(parseOptions(words.split(" "))).toEqual({
    ...{ socket: "/s", hostPrefix: "/host", broadcast: true, pidFile: "p" },
    timing: { tryMs: 1500, longestPause: 90_000, giveUp: 3_600_000 },
  });
  expect(parseOptions(["-broadcast=false"])?.broadcast).toBe(false);
});

test("help is asked for in four ways", () => {
  for (const word of ["-h", "--h", "-help", "--help"]) expect(parseOptions([word])).toBeUndefined();
});

for (const words of ["-nonsense", "more", "-timeout 10", "-timeout", "-broadcast=maybe", "-resendmax s"])
  test(`refused: ${words}`, () => {
    expect(() => parseOptions(words.split(" "))).toThrow(/dhcp daemon: got .*want flags as/);
  });
