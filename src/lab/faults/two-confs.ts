/** L7: a container engine has brought a network config of its own. */
import { cidrText } from "../../base/cidr.ts";
import type { LabFault } from "../break/fault.ts";

export const twoConfsFault: LabFault = {
  name: "two-confs",
  title: "another network config comes first",
  hint: "which file of /etc/cni/net.d does the runtime take?",
  foundBy: ["L7"],
  break: ({ node }) => ({
    files: [
      {
        path: "/etc/cni/net.d/00-engine.conflist",
        to: {
          text: `${JSON.stringify({
            cniVersion: "0.4.0",
            name: "engine",
            plugins: [
              {
                type: "bridge",
                bridge: "cni0",
                ipam: { type: "host-local", ranges: node.subnets.map((s) => [{ subnet: cidrText(s) }]) },
              },
            ],
          })}\n`,
        },
      },
    ],
  }),
};
