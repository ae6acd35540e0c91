/** C4: kubelet's config from another cluster. */
import type { LabFault } from "../break/fault.ts";

export const clusterDnsFault: LabFault = {
  name: "cluster-dns",
  title: "kubelet tells pods a DNS server of another cluster",
  hint: "what stands in /etc/resolv.conf of a new pod, and is it a service?",
  foundBy: ["C4"],
  break: () => ({
    files: [
      { path: "/var/lib/kubelet/config.yaml", to: { text: "kind: KubeletConfiguration\nclusterDNS:\n- 192.0.2.10\n" } },
    ],
  }),
};
