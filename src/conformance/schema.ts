/**
 * What stands in a file of cases. Published for editors as docs/conformance.schema.json, which `node scripts/docs.mjs`
 * makes from this file: each `description` is told there, and each message is what was wanted.
 */
import * as v from "valibot";

export const cniVersions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof cniVersions)[number];
export const levels = ["must", "should"] as const;
/** `must`: a clause is violated. `should`: allowed, but less than one may wish; told as a difference. */
export type Level = (typeof levels)[number];
const kinds = ["interface", "ipam", "chained"] as const;
const groups = [...kinds, "any"] as const;

const text = v.string("a text");
const texts = v.array(text, "a list of texts");
const level = v.picklist(levels, "must or should");
const list = <T extends v.GenericSchema>(of: T) => v.array(of, "a list");
const record = v.record(text, v.unknown(), "a map");
const told = <T extends v.GenericSchema>(schema: T, words: string) => v.pipe(schema, v.description(words));
const may = <T extends v.GenericSchema>(schema: T, words: string) => v.optional(told(schema, words));

const pattern = told(
  v.unknown(),
  "What the value must look like: a map holds at least these keys, a list has just these items in their order. " +
    "A text is equal, or /a regular expression/, or <any>, <absent>, <string>, <number>. " +
    "{ <some>: [...] }: each of these is among the items; { <none>: [...] }: none of these is; { <count>: n }.",
);
const patterns = list(pattern);

const expectation = v.strictObject(
  {
    exit: may(v.picklist(["zero", "nonzero"], "zero or nonzero"), "Exit status."),
    code: may(
      list(v.union([v.number("a number"), v.literal("own", "own")], "a number, or own")),
      "One of these stands as `code` in the error object; own stands for 100 and above, which are a plugin's own.",
    ),
    msg: may(texts, "Texts that must all be in `msg` and `details` of the error object, whatever their case."),
    codeNames: may(texts, "If the code is 4: texts that `msg` must name, as the table of error codes asks for."),
    stdout: may(pattern, "What is on stdout, as JSON; <none> when nothing may be; <prevResult> for the one given."),
    stderr: may(text, "none when nothing may be written there, or a text that must be in it."),
    distinct: may(text, "With `times`: the value at this path, such as ips[0].address, differs between all calls."),
  },
  "what is expected",
);

const setting = v.union([text, v.null("null")], "a text, or null to leave it out");

const callStep = v.strictObject(
  {
    verb: told(text, "CNI_COMMAND: ADD, DEL, CHECK, GC, STATUS, VERSION or what else is to be tried."),
    plugin: may(text, "Another plugin than the case's."),
    config: may(record, "Merged over the case's config (RFC 7396: null takes a key away)."),
    stdin: may(text, "Given instead of the config, as it is."),
    pod: may(text, "The pod it is for: pod1 when absent."),
    netns: may(setting, "CNI_NETNS, when it is not the pod's path."),
    containerId: may(setting, "CNI_CONTAINERID: the name of the pod when absent."),
    ifname: may(setting, "CNI_IFNAME: eth0 when absent."),
    args: may(text, "CNI_ARGS."),
    env: may(v.record(text, setting, "a map"), "Other environment variables; null takes one away."),
    prevResult: may(
      v.picklist(["auto", "last", "none"], "auto, last or none"),
      "auto: given to CHECK and DEL, as the specification has it. last: the attachment's result so far, for a further plugin of a chain.",
    ),
    times: may(v.pipe(v.number("a number"), v.integer("a whole number")), "Called so often at once; $N counts from 1."),
    expect: may(expectation, "Judged at the case's level."),
    should: may(expectation, "Judged as `should`, whatever the case's level."),
    save: may(
      v.record(text, text, "a map"),
      "Variables for later steps: name to path in stdout, such as ips[0].address.",
    ),
  },
  "a step such as { verb: ADD }",
);

const reach = v.strictObject({
  from: told(text, "host or a pod."),
  to: told(text, "Address that is connected to."),
  port: may(v.number("a number"), "Port that is connected to."),
  proto: may(v.picklist(["tcp", "udp"], "tcp or udp"), "tcp when absent."),
  at: told(text, "host or the pod where the server is."),
  listen: may(v.number("a number"), "Port of the server, when it is another."),
  seen: may(text, "Address that the server must see as the client's."),
  fails: may(v.boolean("true or false"), "The server must not be reached."),
});

const shown = {
  links: may(patterns, "As `ip -d -j link` tells them."),
  addresses: may(patterns, "As `ip -j addr` tells them, one by one, each with its ifname; without fe80::/10."),
  routes: may(patterns, "As `ip -d -j route show table all` tells them, both families."),
  rules: may(patterns, "As `ip -j rule` tells them, both families."),
  neighbours: may(patterns, "As `ip -j neigh` tells them."),
  ports: may(patterns, "As `bridge -d -j link` tells them."),
  vlans: may(patterns, "As `bridge -j vlan` tells them."),
  qdiscs: may(patterns, "As `tc -j qdisc` tells them."),
};

const assertion = v.strictObject({
  in: may(text, "host (when absent) or a pod."),
  level: may(level, "When it is not the case's."),
  ...shown,
  without: may(v.strictObject(shown, "a map"), "None of these is there."),
  sysctls: may(v.record(text, text, "a map"), "Names with slashes, to values."),
  unchanged: may(text, "Host, pods and $DATADIR are as they were at the snapshot of this name; `start` is the first."),
  files: may(
    list(
      v.strictObject({
        path: told(text, "Path of a file."),
        json: may(pattern, "Its content, as JSON."),
        text: may(text, "A text that is in it."),
        absent: may(v.boolean("true or false"), "It is not there."),
      }),
    ),
    "Files and what is in them.",
  ),
  reach: may(list(reach), "Who reaches whom, by real traffic."),
});

const runStep = v.strictObject({
  run: told(text, "Lines of shell: iproute2 and files only."),
  in: may(text, "host (when absent) or a pod."),
});
const snapshotStep = v.strictObject({ snapshot: told(text, "Remembers the state under this name.") });
const stateStep = v.strictObject({ state: told(list(assertion), "What must be so now.") });
const unpodStep = v.strictObject({ removePod: told(text, "Deletes a pod's namespace.") });

/** The kind of step is told by its first word, so that an error is about that kind alone. */
const step = v.lazy((input) => {
  if (typeof input !== "object" || input === null) return callStep;
  if ("run" in input) return runStep;
  if ("snapshot" in input) return snapshotStep;
  if ("state" in input) return stateStep;
  return "removePod" in input ? unpodStep : callStep;
}) as v.GenericSchema<Step>;
/** For the published schema, which cannot look first: what stands for a step, and what has a name there. */
export const stepSchemas = {
  lazy: [callStep, runStep, snapshotStep, stateStep, unpodStep],
  defs: { expectation, assertion, reach, call: callStep },
} as const;

const versions = v.union(
  [v.picklist(["newest", "all"]), list(v.picklist(cniVersions, `one of ${cniVersions.join(", ")}`))],
  "newest, all or a list",
);

const caseSchema = v.strictObject(
  {
    id: told(v.pipe(text, v.regex(/^[a-z0-9-]+$/, "lower case, digits and hyphens")), "Unique in its chapter."),
    title: told(text, "A sentence that is true when the case passes."),
    clause: may(text, "Where it is written, when it is not the chapter's."),
    level: may(level, "must when absent: a failed expectation is a violation. should: it is a difference."),
    versions: may(versions, "Versions of the specification it is run with; only those that the plugin claims."),
    config: may(record, "Merged over the plugin's config."),
    needs: may(texts, "What the kernel or machine must have, beside what the chapter needs."),
    uses: may(texts, "Other plugins that must be in the folder."),
    pods: may(v.number("a number"), "How many pods there are: 1 when absent."),
    plugins: may(
      v.record(text, text, "a map"),
      "Plugins of the case's own: name to shell script. Found before the others.",
    ),
    only: may(texts, "Of a group: these plugins alone."),
    except: may(texts, "Of a group: without these plugins."),
    setup: may(text, "Lines of shell that are run on the host first."),
    steps: told(v.pipe(list(step), v.minLength(1, "at least one step")), "What is done, in order."),
  },
  "a map with id, title and steps",
);

export const chapterSchema = v.strictObject(
  {
    plugin: may(text, "The plugin that it is about."),
    group: may(v.picklist(groups, groups.join(", ")), "Instead of one plugin: every plugin of a kind."),
    kind: may(
      v.picklist(kinds, kinds.join(", ")),
      "With `plugin`: its kind; the file then has what all its cases share.",
    ),
    clause: told(text, "Where the cases' promises are written."),
    config: may(record, "What the plugin is given."),
    needs: may(texts, "What the kernel or machine must have."),
    uses: may(texts, "Other plugins that must be in the folder."),
    setup: may(text, "Lines of shell that are run on the host before each case."),
    cases: told(list(caseSchema), "The cases."),
  },
  "a map with plugin or group, clause and cases",
);

export type CallStep = v.InferOutput<typeof callStep>;
export type RunStep = v.InferOutput<typeof runStep>;
export type Assertion = v.InferOutput<typeof assertion>;
export type Expectation = v.InferOutput<typeof expectation>;
export type Reach = v.InferOutput<typeof reach>;
export type Step =
  | CallStep
  | RunStep
  | v.InferOutput<typeof snapshotStep>
  | v.InferOutput<typeof stateStep>
  | v.InferOutput<typeof unpodStep>;
export type CaseSpec = v.InferOutput<typeof caseSchema>;
export type Chapter = v.InferOutput<typeof chapterSchema>;
