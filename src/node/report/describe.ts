/** One finding in one line, for reports that machines keep. Pure. */
import type { Finding } from "../check.ts";

export const describeFinding = ({ subject, seen, want, fix }: Finding): string =>
  [
    `${subject === undefined ? "" : `${subject}: `}${seen}`,
    ...(want === undefined ? [] : [`want ${want}`]),
    ...(fix ? [`mend: ${fix.command}${fix.survivesReboot ? "" : " (until the next reboot)"}`] : []),
  ].join("; ");
