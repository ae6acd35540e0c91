/** Random bytes from the kernel. The runtime's own generator takes longer to set up than an ADD needs it for. */
import { must, sys } from "./syscall.ts";

/** getrandom(2): up to 256 bytes come whole. */
export const randomBytes = (n: number): Uint8Array => {
  const out = new Uint8Array(n);
  must(sys("getrandom", out, n, 0), "getrandom");
  return out;
};
