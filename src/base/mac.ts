/** Link-layer addresses: six bytes, lower case, colons. */
import { hex } from "./bytes.ts";
import { FaultError } from "./fault.ts";

declare const brand: unique symbol;
export type Mac = string & { readonly [brand]: true };

/** @throws FaultError bad-value, naming `what`. */
export const parseMac = (text: string, what = "MAC address"): Mac => {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text))
    throw new FaultError({
      kind: "bad-value",
      what,
      got: JSON.stringify(text),
      want: "six bytes such as 02:42:ac:11:00:02",
    });
  return text.toLowerCase().replaceAll("-", ":") as Mac;
};

/** Any number of bytes as colon-separated hex (a tunnel's link address is not six bytes long). */
export const macFromBytes = (b: Uint8Array): Mac => hex(b, ":") as Mac;
export const macBytes = (mac: Mac): Uint8Array => {
  const out = new Uint8Array((mac.length + 1) / 3);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(mac.slice(3 * i, 3 * i + 2), 16);
  return out;
};
