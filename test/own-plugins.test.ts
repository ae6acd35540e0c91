/** What a node's check takes for podwire's own plugins are those that there are. */
import { expect, test } from "bun:test";
import { pluginNames } from "../src/cni/plugins/registry.ts";
import { podwires } from "../src/node/checks/plugins.ts";

test("podwire is offered for each of its plugins, and for no other", () => {
  expect<readonly string[]>([...podwires].sort()).toEqual([...pluginNames].sort());
});
