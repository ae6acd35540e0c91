/** Names of sysctls as sysctl(8) prints and takes them. */

/** `net/ipv4/ip_forward` to `net.ipv4.ip_forward`; a dot in the name of an interface changes places with the slashes. */
export const sysctlName = (slashed: string): string => slashed.replace(/[./]/g, (c) => (c === "." ? "/" : "."));
