/** What a driver says of its link (linux/ethtool.h), by the ioctl SIOCETHTOOL: sysfs shows one namespace's links alone. */
import { u32, u64 } from "../codec/codec.ts";
import { addressOf, cstr, must, sys } from "./syscall.ts";

const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 0x80002;
const SIOCETHTOOL = 0x8946;
/** struct ifreq: the name, 16 bytes, and a pointer to the request. */
const IFREQ = { size: 40, data: 16 } as const;
const ETHTOOL_GTXCSUM = 0x16;

/** Are checksums of what is sent left to the driver? In the namespace we are in. Undefined when it does not say. */
export const checksumsOffloaded = (link: string): boolean | undefined => {
  const fd = must(sys("socket", AF_INET, SOCK_DGRAM_CLOEXEC, 0), "open socket");
  try {
    // struct ethtool_value: cmd, data
    const value = new Uint8Array(8);
    value.set(u32.write(ETHTOOL_GTXCSUM));
    const ifreq = new Uint8Array(IFREQ.size);
    ifreq.set(cstr(link).subarray(0, 16));
    ifreq.set(u64.write(addressOf(value)), IFREQ.data);
    if (sys("ioctl", fd, SIOCETHTOOL, ifreq) < 0) return undefined;
    return new DataView(value.buffer).getUint32(4, true) !== 0;
  } finally {
    sys("close", fd);
  }
};
