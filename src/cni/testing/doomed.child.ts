/**
 * A process of its own that runs one ADD and is killed right before its n-th kernel operation:
 * `doomed.child.ts <host's namespace> <n> <config> <call>`. Says "done" when the ADD has fewer.
 */
import { parseJson } from "../../base/json.ts";
import type { JsonObject } from "../../base/json-types.ts";
import { openKernel } from "../../net/kernel.ts";
import { countingKernel } from "./failing-kernel.ts";
import { type Call, kernelIn, openCall, ownDelegates } from "./stage.ts";

const [host = "", n = "", conf = "", call = ""] = process.argv.slice(2);
const json = (text: string): JsonObject => parseJson(text, "argument") as JsonObject;
using kernel = kernelIn(host, openKernel());
const doomed = countingKernel(kernel, Number(n), "works", () => process.kill(process.pid, "SIGKILL"));
const answer = await openCall(kernel, ownDelegates)("ADD", json(conf), json(call) as Call, doomed.kernel);
console.log(answer.exit === 0 ? "done" : JSON.stringify(answer));
