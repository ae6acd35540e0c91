/** How well the kernel's clock is kept: adjtimex(2), asked and not changed. */
import { must, sys } from "./syscall.ts";

export interface ClockDiscipline {
  /** A program keeps it in step (STA_UNSYNC is not set). */
  readonly synchronised: boolean;
  /** The most that it may be wrong by, in microseconds; 16 s when nobody has said for long. */
  readonly maxErrorUs: number;
}

const STA_UNSYNC = 0x40;
/** struct timex on 64-bit machines: modes at 0, offset, freq, maxerror, esterror, then status. */
const SIZE = 208;
const at = { maxerror: 24, status: 40 } as const;

/** Needs no privilege. @throws FaultError kernel */
export const readClockDiscipline = (): ClockDiscipline => {
  const b = new Uint8Array(SIZE);
  must(sys("adjtimex", b), "adjtimex", "nothing");
  const view = new DataView(b.buffer);
  return {
    synchronised: (view.getInt32(at.status, true) & STA_UNSYNC) === 0,
    maxErrorUs: Number(view.getBigInt64(at.maxerror, true)),
  };
};
