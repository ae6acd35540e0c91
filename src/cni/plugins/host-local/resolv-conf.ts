/** resolv.conf(5) as the `dns` of a result. Pure. */
import type { Dns } from "../../spec/types.ts";

/** A later `domain` wins; `search` and `options` lines add up. Unknown keywords and comments are left aside. */
export const parseResolvConf = (text: string): Dns => {
  const nameservers: string[] = [];
  const search: string[] = [];
  const options: string[] = [];
  let domain = "";
  for (const line of text.split("\n")) {
    if (/^\s*[#;]/.test(line)) continue;
    const [keyword, ...values] = line.trim().split(/\s+/);
    const value = values[0];
    if (value === undefined) continue;
    if (keyword === "nameserver") nameservers.push(value);
    else if (keyword === "domain") domain = value;
    else if (keyword === "search") search.push(...values);
    else if (keyword === "options") options.push(...values);
  }
  return {
    ...(nameservers.length > 0 && { nameservers }),
    ...(domain && { domain }),
    ...(search.length > 0 && { search }),
    ...(options.length > 0 && { options }),
  };
};
