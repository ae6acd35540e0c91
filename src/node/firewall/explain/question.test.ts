import { expect, test } from "bun:test";
import { madeRuleset } from "../testing/made.ts";
import { packetOf, parseQuestion } from "./question.ts";

const ruleset = madeRuleset([]);
const packet = (text: string) => packetOf(ruleset, parseQuestion([text]));

test("a question is the same as one text or word by word", () => {
  const words = ["udp/53", "from", "10.0.0.5", "to", "10.1.0.2", "in", "eth0", "sport", "1024"];
  expect(parseQuestion(words)).toEqual(parseQuestion([words.join("  ")]));
  expect(parseQuestion(words)).toEqual({
    protocol: "udp",
    dport: 53,
    from: "10.0.0.5",
    to: "10.1.0.2",
    link: "eth0",
    sport: 1024,
  } as ReturnType<typeof parseQuestion>);
});

test("without a destination it is the address that this host answers from", () => {
  expect(packet("tcp/6443 from 10.0.0.5")).toMatchObject({ dst: "10.0.0.1", dport: 6443 });
  expect(packet("icmp from 10.1.0.5")).toMatchObject({ dst: "10.1.0.1", protocol: "icmp" });
});

test.each([
  ["tcp from 10.0.0.5", "tcp/PORT"],
  ["tcp/70000 from 10.0.0.5", "a port from 1 to 65535"],
  ["tcp/22", "where it comes from"],
  ["tcp/22 from nobody", "an address"],
  ["tcp/22 from", "a value behind it"],
  ["tcp/22 from 10.0.0.5 by eth0", "forward"],
  ["tcp/22 from 10.0.0.5 to fd00::1", "one family"],
  ["tcp/22 from 10.0.0.5 in eth7", "no such device"],
  ["tcp/22 from 10.0.0.5 forward", "where it goes"],
  ["tcp/22 from 10.0.0.5 forward to 10.0.0.1", "an address of another host"],
  ["tcp/22 from 10.9.0.5", "no route"],
])("%s is refused: %s", (text, why) => {
  expect(() => packet(text)).toThrow(why);
});
