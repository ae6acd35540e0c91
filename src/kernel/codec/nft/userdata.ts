/** Userdata as libnftnl writes it: type, length, bytes. What `nft` prints as `comment` is a NUL-terminated text among it. */
import { concatBytes } from "../../../base/bytes.ts";
import { str } from "../codec.ts";

/** NFTNL_UDATA_*_COMMENT: 0 for tables, rules, chains and elements. */
const COMMENT = 0;
const entry = (type: number, data: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(type, data.length), data]);

export const writeComment = (text: string): Uint8Array => entry(COMMENT, str.write(text));

export const readComment = (userdata: Uint8Array | undefined): string | undefined => {
  if (!userdata) return undefined;
  for (let i = 0; i + 2 <= userdata.length; i += 2 + userdata[i + 1]!)
    if (userdata[i] === COMMENT) return str.read(userdata.subarray(i + 2, i + 2 + userdata[i + 1]!));
  return undefined;
};

/** NFTNL_UDATA_SET_KEYBYTEORDER and _DATABYTEORDER: 2 is network order, 1 the host's. Without it `nft` misreads some types. */
export const writeByteOrders = (key: 1 | 2, data?: 1 | 2): Uint8Array => {
  const word = (n: number): Uint8Array => Uint8Array.of(n, 0, 0, 0);
  return concatBytes([entry(0, word(key)), ...(data === undefined ? [] : [entry(1, word(data))])]);
};
