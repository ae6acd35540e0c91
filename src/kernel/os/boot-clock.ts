/** Time that nobody sets: since boot, suspension included (CLOCK_BOOTTIME), the same for every process of this boot. */
import { u64 } from "../codec/codec.ts";
import { readFileSync } from "./files.ts";
import { must, sys } from "./syscall.ts";

const CLOCK_BOOTTIME = 7;

/** Milliseconds. */
export const bootNow = (): number => {
  const time = new Uint8Array(16);
  must(sys("clock_gettime", CLOCK_BOOTTIME, time), "read the boot clock", "nothing");
  return Number(u64.read(time)) * 1000 + Math.floor(Number(u64.read(time.subarray(8))) / 1e6);
};

/** Another one after every boot. */
export const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id").trim();
