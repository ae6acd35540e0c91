/** Reads the report of `bun test --reporter=junit`. */

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'" };
const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => entities[entity]);
const attribute = (tag, name) => plain(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

/**
 * Every test of a report, as `{ file, name, is }`; `is` is "passed", "failed" or "skipped".
 * Bun escapes `<` and `>` in attributes and text, so tags can be told apart by pattern.
 */
export const readJunit = (xml) =>
  [...xml.matchAll(/<testcase ([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)].map(([, head, , body = ""]) => {
    const tag = ` ${head}`;
    const group = attribute(tag, "classname");
    return {
      file: attribute(tag, "file"),
      name: group ? `${group} > ${attribute(tag, "name")}` : attribute(tag, "name"),
      is: /<(failure|error)\b/.test(body) ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
    };
  });
