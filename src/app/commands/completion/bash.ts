/** Completion for bash. What nothing is known of is left to bash itself, which offers files. */
import { quote } from "../../../net/plan/quote.ts";
import type { Place } from "./tree.ts";

const pattern = (texts: readonly string[]): string => texts.map(quote).join(" | ");
const words = (texts: readonly string[]): string => quote(texts.join(" "));

export const bashScript = (places: readonly Place[]): string => {
  const values = places.flatMap(({ path, flags }) =>
    flags.filter((f) => f.takes).map((f) => ({ at: f.flags.map((flag) => `${path} ${flag}`), choices: f.choices })),
  );
  return `# bash completion for podwire: source <(podwire completion bash)
_podwire() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} at='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ' --' | *' --') return ;;
      ${pattern(places.slice(1).map((p) => p.path))}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $before" in
${values.map((v) => `    ${pattern(v.at)}) words=${words(v.choices)} ;;\n`).join("")}    *)
      case "$at" in
${places.map((p) => `        ${quote(p.path)}) words=${words([...p.words.map((w) => w.word), ...p.flags.flatMap((f) => f.flags)])} ;;\n`).join("")}      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _podwire podwire
`;
};
