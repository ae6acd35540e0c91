/** Every fault, in the order of the checks that find them: a new one is a file and a line. */
import type { LabFault } from "../break/fault.ts";
import { forwardingFault } from "./forwarding.ts";

export const faults: readonly LabFault[] = [forwardingFault];
