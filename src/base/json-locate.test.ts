import { expect, test } from "bun:test";
import { locate } from "./json-locate.ts";

const text = `{
  "name": "a,{}[]:\\"",
  "plugins": [
    { "type": "bridge", "ipam": { "subnet": "x" } },
    { "type": "portmap", "Capabilities": { "é": 1, "portMappings": 5 } }
  ]
}`;
const pointed = (path: string): string => {
  const { line, column } = locate(text, path);
  return [...text.split("\n")[line - 1]!].slice(column - 1).join("");
};

test("a value is found by its path, whatever stands in strings before it", () => {
  expect(pointed("name")).toStartWith('"a,{}');
  expect(pointed("plugins[0].ipam.subnet")).toStartWith('"x"');
  expect(pointed("plugins[1].type")).toStartWith('"portmap"');
});

test("keys match whatever their case, columns count letters", () => {
  expect(pointed("plugins[1].capabilities.portMappings")).toStartWith("5");
});

test("what is missing is shown at the nearest thing around it", () => {
  expect(pointed("plugins[0].ipam.rangeEnd")).toStartWith('{ "subnet"');
  expect(pointed("plugins[7].type")).toStartWith("[");
  expect(pointed("cniVersion")).toBe("{");
  expect(locate("5", "a")).toEqual({ line: 1, column: 1 });
});
