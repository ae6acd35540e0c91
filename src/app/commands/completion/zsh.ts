/** Completion for zsh, with descriptions. Works sourced, and as a file `_podwire` in a folder of fpath. */
import { quote } from "../../../net/plan/quote.ts";
import type { Place } from "./tree.ts";

const pattern = (texts: readonly string[]): string => texts.map((t) => quote(t)).join(" | ");
/** A colon parts a word from what it is about. */
const described = (word: string, about: string): string => quote(`${word.replaceAll(":", "\\:")}:${about}`);

export const zshScript = (places: readonly Place[]): string => {
  const values = places.flatMap(({ path, flags }) =>
    flags.filter((f) => f.takes).map((f) => ({ at: f.flags.map((flag) => `${path} ${flag}`), choices: f.choices })),
  );
  const offer = (p: Place): string => {
    const words = p.words.map((w) => described(w.word, w.about)).join(" ");
    const flags = p.flags.flatMap((f) => f.flags.map((flag) => described(flag, f.about))).join(" ");
    return `    ${quote(p.path)}) commands=(${words}) options=(${flags}) ;;\n`;
  };
  return `#compdef podwire
# zsh completion for podwire: source <(podwire completion zsh)
_podwire() {
  local at='' i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ' --' | *' --') _default; return ;;
      ${pattern(places.slice(1).map((p) => p.path))}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${values.map((v) => `    ${pattern(v.at)}) ${v.choices.length > 0 ? `compadd -- ${v.choices.map(quote).join(" ")}` : "_default"}; return ;;\n`).join("")}  esac
  case "$at" in
${places.map(offer).join("")}  esac
  _describe -t commands command commands
  _describe -t options option options
}
if [[ \${funcstack[1]} == _podwire ]]; then _podwire "$@"; else compdef _podwire podwire; fi
`;
};
