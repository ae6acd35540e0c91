/** What the tests and the bench need from Debian, in one place. A package counts as there when one of its programs is. */
import { accessSync, constants, existsSync } from "node:fs";
import { getuid } from "node:process";
import { fail, pass, say } from "./words.mjs";

const needs = [
  { tier: "unit", package: "iproute2", program: "ip", why: "what `ip -j` reads back is the oracle of namespace tests" },
  {
    tier: "peers",
    package: "containernetworking-plugins",
    program: "/usr/lib/cni/bridge",
    why: "the reference plugins: same config in, same network and result out",
  },
  { tier: "peers", package: "nftables", program: "nft", why: "`nft -j list ruleset` reads back our tables" },
  {
    tier: "peers",
    package: "iptables",
    program: "iptables",
    why: "the reference plugins call it for masquerading and ports",
  },
  { tier: "peers", package: "ufw", program: "ufw", why: "what it loads is simulated beside real packets" },
  { tier: "peers", package: "firewalld", program: "firewalld", why: "the same" },
  { tier: "peers", package: "dbus-daemon", program: "dbus-daemon", why: "firewalld listens nowhere else" },
  { tier: "peers", package: "ipset", program: "ipset", why: "makes the sets that rules of iptables ask for" },
  { tier: "peers", package: "tcpdump", program: "tcpdump", why: "opens our log of netlink messages" },
  {
    tier: "peers",
    package: "conntrack",
    program: "conntrack",
    why: "`conntrack -L` is the oracle of connection tracking",
  },
  { tier: "peers", package: "dnsmasq-base", program: "dnsmasq", why: "gives the leases that our DHCP client asks for" },
  { tier: "peers", package: "ufw", program: "ufw", why: "a firewall manager: reads back the rules that it was told" },
  { tier: "peers", package: "firewalld", program: "firewalld", why: "another one, which is asked over D-Bus" },
  { tier: "peers", package: "dbus", program: "dbus-daemon", why: "firewalld listens on it" },
  {
    tier: "peers",
    package: "openssh-server",
    program: "sshd",
    why: "lets us in on another node, as a cluster's nodes are reached",
  },
  { tier: "peers", package: "openssh-client", program: "ssh", why: "calls that node" },
  { tier: "peers", package: "zsh", program: "zsh", why: "runs our completion for it" },
  { tier: "peers", package: "fish", program: "fish", why: "runs our completion for it" },
  {
    tier: "peers",
    package: "containerd",
    program: "ctr",
    why: "the runtime below kubelet: it asks us for pods' networks",
  },
  { tier: "peers", package: "runc", program: "runc", why: "runs the containers of containerd and podman" },
  { tier: "peers", package: "podman", program: "podman", why: "a second runtime, with config lists as it writes them" },
  {
    tier: "peers",
    package: "busybox-static",
    program: "/bin/busybox",
    why: "all that is in the image of those containers, since no registry is asked",
  },
  {
    tier: "vm",
    package: "qemu-system-x86",
    program: "qemu-system-x86_64",
    why: "boots a kernel with what this one may lack",
  },
];

/** Which needs a tier has beside its own. */
const including = { unit: ["unit"], peers: ["unit", "peers"], vm: ["unit", "peers", "vm"] };

const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

const isThere = (program) => {
  if (program.startsWith("/")) return existsSync(program);
  return folders.some((folder) => {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
};

/** Installs what is missing for a tier. */
export const installNeeds = (tier) => {
  const missing = needs.filter((need) => including[tier].includes(need.tier) && !isThere(need.program));
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.package);
  const install = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  for (const need of missing) say(`missing ${need.package}: ${need.why}`);
  if (getuid() !== 0) fail("the tests need Debian packages, and installing them needs root", `sudo ${install}`);
  if (!isThere("apt-get")) fail("there is no apt-get here", `install what Debian calls ${packages.join(", ")}`);
  // RUNLEVEL=1 keeps packages from starting their services.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const quiet = { env, stdio: ["ignore", "ignore", "inherit"] };
  pass("apt-get", ["update", "-qq"], quiet);
  const done = pass("apt-get", ["install", "-qq", "-y", "--no-install-recommends", ...packages], quiet);
  if (done.code !== 0) fail("apt-get could not install them; its words are above", install);
};
