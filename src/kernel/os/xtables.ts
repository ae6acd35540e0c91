/** Tables of the older iptables, by getsockopt on a raw socket of the namespace that we are in. Looking creates none. */
import { entriesHead, entriesRequest, infoRequest, readInfo, type TableInfo } from "../codec/xtables/table.ts";
import { readFileSync } from "./files.ts";
import { must, sys } from "./syscall.ts";

const AF = { 4: 2, 6: 10 } as const;
const SOL = { 4: 0, 6: 41 } as const;
const SOCK_RAW_CLOEXEC = 0x80003;
const IPPROTO_RAW = 255;
/** IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES: the same numbers for IPv6. */
const GET_INFO = 64;
const GET_ENTRIES = 65;
const TRIES = 10;

/**
 * Tables that are there, by name. Asking the kernel for any other would make it.
 * @throws FaultError permission: only root may read the list
 */
export const tableNames = (family: 4 | 6): string[] => {
  try {
    const path = `/proc/thread-self/net/${family === 4 ? "ip" : "ip6"}_tables_names`;
    return readFileSync(path).split("\n").filter(Boolean);
  } catch (error) {
    if (errnoIn(error) === "ENOENT") return [];
    throw error;
  }
};

const errnoIn = (error: unknown): string | undefined => (error as { fault?: { errno?: string } }).fault?.errno;

const option = (fd: number, family: 4 | 6, name: number, value: Uint8Array): number => {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, value.length, true);
  return sys("getsockopt", fd, SOL[family], name, value, length);
};

/** A table's info and the bytes of its entries. @throws FaultError permission, kernel */
export const readTable = (family: 4 | 6, name: string): { readonly info: TableInfo; readonly entries: Uint8Array } => {
  const op = `${family === 4 ? "iptables" : "ip6tables"}-legacy -t ${name} -S`;
  const fd = must(sys("socket", AF[family], SOCK_RAW_CLOEXEC, IPPROTO_RAW), op, "CAP_NET_RAW");
  try {
    for (let i = 0; ; i++) {
      const asked = infoRequest(name);
      must(option(fd, family, GET_INFO, asked), op);
      const info = readInfo(asked);
      const entries = entriesRequest(name, info.size);
      const r = option(fd, family, GET_ENTRIES, entries);
      // EAGAIN: someone has changed the table meanwhile.
      if (r < 0 && i < TRIES) continue;
      must(r, op);
      return { info, entries: entries.subarray(entriesHead) };
    }
  } finally {
    sys("close", fd);
  }
};
