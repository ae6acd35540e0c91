/** Run by Bun: prints the JSON Schema of the conformance suite's files. */
import { chapterSchema, stepSchemas } from "../../src/conformance/schema.ts";
import { jsonSchemaOf } from "./json-schema.mjs";

console.log(JSON.stringify(jsonSchemaOf(chapterSchema, stepSchemas)));
