/** `-o, --output`: one of a few forms; another is refused with the list, and shells complete it. */
import { Option } from "commander";

/** Without `usual` the command chooses. */
export const outputOption = (forms: readonly string[], usual?: string): Option => {
  const option = new Option("-o, --output <format>", "what to print").choices(forms);
  return usual === undefined ? option : option.default(usual);
};
