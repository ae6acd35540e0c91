/** Completion for fish, with descriptions. */
import type { Flag, Place } from "./tree.ts";

/** Within single quotes fish reads an escaped quote and an escaped backslash only. */
const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

const flagLine = (at: string, f: Flag): string => {
  const names = f.flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const choices = f.choices.length > 0 ? ["-f", `-a ${quote(f.choices.join(" "))}`] : [];
  const value = f.takes ? ["-r", ...choices] : [];
  return ["complete -c podwire", at, ...names, ...value, `-d ${quote(f.about)}`].join(" ");
};

export const fishScript = (places: readonly Place[]): string => {
  const lines = places.flatMap((p) => {
    const at = `-n ${quote(`__podwire_at ${quote(p.path)}`)}`;
    return [
      ...p.words.map((w) => `complete -c podwire -f ${at} -a ${quote(w.word)} -d ${quote(w.about)}`),
      ...p.flags.map((f) => flagLine(at, f)),
    ];
  });
  return `# fish completion for podwire: podwire completion fish | source
function __podwire_at --description 'is this the command that is being typed?'
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case ${places
              .slice(1)
              .map((p) => quote(p.path))
              .join(" ")}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join("\n")}
`;
};
