/** A manager's life in a test: made, told, told again, told to forget. */
import { onFreshHost } from "../../testing/fresh-host.ts";

/** What stands below `== name` in what a script printed. */
export const section = (text: string, name: string): string =>
  `\n${text}`.split(`\n== ${name}\n`)[1]?.split(/^== /m)[0]?.trim() ?? "";

export type Seen = Record<"before" | "after" | "again" | "gone" | "twice", string>;

/** Before, after --apply, after a second --apply, after --remove. */
export const lifetime = (make: string, show: string, role = "worker", network = "vxlan"): Seen => {
  const out = onFreshHost(`
${make}
look() { echo "== $1"; ${show}; }
look before
$podwire node firewall --role ${role} --network ${network} --from 10.0.0.0/24 --apply > /mnt/lines
look after
echo "== twice"; $podwire node firewall --role ${role} --network ${network} --from 10.0.0.0/24 --apply
look again
$podwire node firewall --remove > /mnt/lines
look gone
test ! -e /var/lib/podwire/firewall.json
`);
  const of = (name: string): string => section(out, name);
  return { before: of("before"), after: of("after"), again: of("again"), gone: of("gone"), twice: of("twice") };
};

/** firewalld on a bus of its own, up and answering. */
export const startFirewalld = `mkdir -p /run/dbus; dbus-daemon --system --fork --nopidfile
firewalld --nofork > /mnt/firewalld.log 2>&1 &
until firewall-cmd --state > /dev/null 2>&1; do kill -0 $!; done`;
