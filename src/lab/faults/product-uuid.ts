/** I3: firmware that nobody gave a UUID. */
import type { LabFault } from "../break/fault.ts";

export const productUuidFault: LabFault = {
  name: "product-uuid",
  title: "the firmware has a UUID that thousands of boards have",
  hint: "what does dmidecode -s system-uuid say, and who else has that?",
  foundBy: ["I3"],
  break: () => ({
    files: [{ path: "/sys/class/dmi/id/product_uuid", to: { text: "03000200-0400-0500-0006-000700080009\n" } }],
  }),
};
