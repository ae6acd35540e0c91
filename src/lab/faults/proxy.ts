/** F10: a company's proxy. */
import type { LabFault } from "../break/fault.ts";

export const proxyFault: LabFault = {
  name: "proxy",
  title: "pods and services are asked for by way of a proxy",
  hint: "curl to a pod's address is answered by a page of the company's: what is in /etc/environment?",
  foundBy: ["F10"],
  break: () => ({
    files: [
      {
        path: "/etc/environment",
        to: { text: "https_proxy=http://proxy.example.com:3128\nno_proxy=localhost,127.0.0.1\n" },
      },
    ],
  }),
};
