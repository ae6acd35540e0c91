/** A valibot schema as JSON Schema (draft 7): of valibot just what our schemas of files use, and an error for the rest. */

/** Parts of a pipe: the schema itself, then checks and words. */
const piped = (schema, ask) => {
  const [first, ...actions] = schema.pipe;
  const out = ask(first);
  for (const action of actions) {
    if (action.type === "description") out.description = action.description;
    else if (action.type === "regex") out.pattern = action.requirement.source;
    else if (action.type === "min_length") out[out.type === "array" ? "minItems" : "minLength"] = action.requirement;
    else if (action.type === "integer") out.type = "integer";
    else throw new Error(`no JSON Schema is known for the check ${action.type}`);
  }
  return out;
};

const object = ({ entries }, ask) => {
  const required = Object.keys(entries).filter((key) => entries[key].type !== "optional");
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, ask(value)])),
  };
};

const kinds = {
  string: () => ({ type: "string" }),
  number: () => ({ type: "number" }),
  boolean: () => ({ type: "boolean" }),
  null: () => ({ type: "null" }),
  unknown: () => ({}),
  literal: ({ literal }) => ({ const: literal }),
  picklist: ({ options }) => ({ enum: [...options] }),
  optional: ({ wrapped }, ask) => ask(wrapped),
  array: ({ item }, ask) => ({ type: "array", items: ask(item) }),
  record: ({ value }, ask) => ({ type: "object", additionalProperties: ask(value) }),
  union: ({ options }, ask) => ({ anyOf: options.map(ask) }),
  strict_object: object,
};

/** `lazy` says what stands for a schema that looks at the value first; `defs` are written once and referred to by name. */
export const jsonSchemaOf = (schema, { lazy = [], defs = {} } = {}) => {
  const inner = (of) => {
    if (of.pipe) return piped(of, ask);
    if (of.type === "lazy") return { anyOf: lazy.map(ask) };
    if (!kinds[of.type]) throw new Error(`no JSON Schema is known for ${of.type}`);
    return kinds[of.type](of, ask);
  };
  const ask = (of) => {
    const name = Object.keys(defs).find((key) => defs[key] === of);
    return name ? { $ref: `#/$defs/${name}` } : inner(of);
  };
  return { ...inner(schema), $defs: Object.fromEntries(Object.entries(defs).map(([name, of]) => [name, inner(of)])) };
};
