/** F4: ufw as it is after `ufw allow 22/tcp` and `ufw enable`. */
import type { LabFault } from "../break/fault.ts";

export const ufwFault: LabFault = {
  name: "ufw",
  title: "ufw lets in nothing but SSH, and passes nothing on",
  hint: "one can log in, and nothing else: what does ufw status verbose say of its defaults?",
  foundBy: ["F4"],
  break: () => ({
    files: [
      { path: "/etc/ufw/ufw.conf", to: { text: "ENABLED=yes\nLOGLEVEL=low\n" } },
      { path: "/etc/default/ufw", to: { text: 'DEFAULT_INPUT_POLICY="DROP"\nDEFAULT_FORWARD_POLICY="DROP"\n' } },
      { path: "/etc/ufw/user.rules", to: { text: "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n" } },
    ],
  }),
};
