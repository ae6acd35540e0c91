/** `type dummy`: has nothing to set. */
import { attrs } from "../attrs.ts";

export const dummy = attrs({});
