/** Names with `*`, `?` and `[...]` (glob(7)), as systemd, NetworkManager and dhcpcd match links. */
export const matchesGlob = (pattern: string, name: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  try {
    return new RegExp(`^${source}$`).test(name);
  } catch {
    return pattern === name;
  }
};
