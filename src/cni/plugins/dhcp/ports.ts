/** UDP ports of DHCP (RFC 2131 section 4.1). */
export const ports = { server: 67, client: 68 } as const;
