/**
 * The parts of a page that can be run: ```console blocks, where a line `$ command` is followed by what it prints, and
 * blocks with a path behind their language, which are files. Text in, text out.
 */

const fence = /^```(\w*)[ \t]*(\S*)\n([\s\S]*?)^```$/gm;

/** The commands of a console block with their output; a line that ends in a backslash goes on in the next one. */
const commandsOf = (body) => {
  const found = [];
  let open = false;
  for (const line of body.replace(/\n$/, "").split("\n")) {
    const last = found.at(-1);
    if (open) last.command += `\n${line}`;
    else if (line.startsWith("$ ")) found.push({ do: "run", command: line.slice(2), output: [] });
    else if (last) last.output.push(line);
    else throw new Error(`a console block begins with "${line}", not with a command`);
    open = (open || line.startsWith("$ ")) && line.endsWith("\\");
  }
  return found.map((step) => ({ ...step, output: step.output.join("\n") }));
};

/** What a page does, in order: `{ do: "run", command, output }` and `{ do: "write", path, text }`. */
export const stepsOf = (page) =>
  [...page.matchAll(fence)].flatMap(([, language, path, body]) => {
    if (language === "console") return commandsOf(body);
    return path.startsWith("/") ? [{ do: "write", path, text: body }] : [];
  });

/**
 * What differs from run to run: MACs and what is made of them, host ends of veth pairs, times, processes' numbers with the
 * width of their column, and how many checks of a node a kernel without some feature skips. And whether a link is up: the
 * kernel tells that up to a second after it is.
 */
const normal = (text) =>
  text
    .replace(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "MAC")
    .replace(/\bfe80::[0-9a-f:]+/g, "LINK-LOCAL")
    .replace(/\bveth[0-9a-f]{8}\b/g, "VETH")
    .replace(/\bin (?:\d+ min )?(?:\d+ ms|[\d.]+ s)\b/g, "in TIME")
    .replace(/ +(?:PID|\d+) +(?=USER\b|root\b)/g, " PID ")
    .replace(/\d+ ok(, \d+ not for this node)?$/gm, "N ok")
    .replace(/\b(process|kill|systemctl status) \d+\b/g, "$1 PID")
    .replace(/(?<= )(UP|DOWN|LOWERLAYERDOWN) +/g, "STATE ")
    .replace(/<[A-Z,_-]+>/g, "FLAGS")
    .replace(/ linkdown$/gm, "");

const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Does a command still print what the page says? A line `...` in the page stands for any lines. */
export const sameOutput = (said, printed) => {
  const lines = normal(`${said}\n`).split(/^\.\.\.\n/m);
  return new RegExp(`^${lines.map(literal).join("(?:.*\n)*?")}$`).test(normal(`${printed}\n`));
};

/** The page with the outputs replaced by `outputs`, one for each command, where they differ. */
export const withOutputs = (page, outputs) => {
  const rest = [...outputs];
  return page.replace(fence, (block, language, _path, body) => {
    if (language !== "console") return block;
    const lines = commandsOf(body).map(({ command, output }) => {
      const seen = rest.shift();
      const kept = sameOutput(output, seen) ? output : seen;
      return `$ ${command}\n${kept === "" ? "" : `${kept}\n`}`;
    });
    return `\`\`\`console\n${lines.join("")}\`\`\``;
  });
};
