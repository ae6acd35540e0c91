/** Checks of firewalls on hosts where the real managers rule; what a finding says to do is done, and mends it. */
import { expect, test } from "bun:test";
import type { Finding } from "../check.ts";
import type { Report } from "../report/report.ts";
import { onFreshHost } from "../testing/fresh-host.ts";

const flags = "--network vxlan --pod-cidr 10.244.0.0/16 --node-ip 10.0.0.5";

interface Looked {
  readonly outcome: string;
  readonly findings: readonly Finding[];
}

/** What the check with this id says after each part of the script. */
const looks = (id: string, parts: readonly string[]): Looked[] => {
  // A check that fails ends with 1.
  const look = `echo; echo == ; $podwire node check ${flags} -o json || test $? = 1`;
  const out = onFreshHost(
    parts.map((part) => `{ ${part}\n} > /mnt/said 2>&1 || { cat /mnt/said; exit 1; }\n${look}`).join("\n"),
  );
  return out
    .split("\n==")
    .slice(1)
    .map((text) => (JSON.parse(text) as Report).nodes[0]!.checks.find((c) => c.id === id)!);
};

/** What it says before and after its own mending commands, and after their undoing. */
const mended = (id: string, make: string, only: (f: Finding) => boolean = (f) => f.outcome !== "ok"): Looked[] => {
  const [before] = looks(id, [make]);
  const fixes = before!.findings.filter(only).flatMap((f) => f.fix ?? []);
  const lines = [...new Set(fixes.map((f) => f.command))].map((line) => line.replaceAll("podwire ", "$podwire "));
  const back = [...new Set(fixes.map((f) => f.undo ?? "true"))].map((line) => line.replaceAll("podwire ", "$podwire "));
  return looks(id, [make, lines.join("\n"), back.reverse().join("\n")]);
};

/** The firewall ufw alone, in a host that has no services. */
const ufw = "ufw --force reset; ufw allow 22/tcp; ufw --force enable";

test("ufw: what its files say is what the kernel does; the check's own commands mend it, and are undone", () => {
  const [before, after, undone] = mended("F4", ufw);
  expect(before).toMatchObject({ outcome: "fail" });
  expect(before?.findings.map((f) => f.subject)).toEqual([
    "tcp/10250, tcp/10256, tcp/30000-32767, udp/30000-32767, udp/8472",
    "pods",
  ]);
  expect(after?.findings.map((f) => f.outcome)).toEqual(["ok", "ok"]);
  expect(undone?.findings).toEqual(before!.findings);
});

test("what ufw drops is told by its own check alone", () => {
  for (const id of ["F5", "F6"]) expect(looks(id, [ufw])[0]?.findings.filter((f) => f.outcome !== "ok")).toEqual([]);
});

test("ufw: rules in its files that were never loaded are told from those in the kernel", () => {
  const [, loaded] = looks("F4", [
    ufw,
    `printf '### tuple ### allow tcp 10250 0.0.0.0/0 any 0.0.0.0/0 in\\n' > /mnt/t
     sed -i '/^### RULES ###/r /mnt/t' /etc/ufw/user.rules`,
  ]);
  expect(loaded?.findings.find((f) => f.subject === "tcp/10250")).toMatchObject({
    outcome: "fail",
    seen: "allowed in ufw's files, and dropped now",
    fix: { command: "ufw reload" },
  });
});

test("nf_tables: a drop behind an accept in another table is found with its rule, and what is said mends it", () => {
  const make = `
    nft add table inet a; nft 'add chain inet a in { type filter hook input priority -10; }'
    nft add rule inet a in tcp dport 10250 accept
    nft add table inet b; nft 'add chain inet b in { type filter hook input priority 10; }'
    nft add rule inet b in counter; nft add rule inet b in tcp dport 10250 drop`;
  const [before, after, undone] = mended("F5", make);
  expect(before?.findings[0]).toMatchObject({
    outcome: "fail",
    subject: "tcp/10250",
    seen: "from 10.0.0.6, dropped by chain in of table inet b (nftables), rule 2: tcp dport 10250 drop",
  });
  expect(after?.outcome).toBe("ok");
  expect(undone?.findings).toEqual(before!.findings);
});

for (const program of ["iptables-nft", "iptables-legacy"] as const)
  test(`${program}: a policy of FORWARD that drops is found, as Docker's, and mended`, () => {
    const make = `${program} -N DOCKER-USER; ${program} -A FORWARD -j DOCKER-USER; ${program} -P FORWARD DROP`;
    const [before, after] = mended("F6", make);
    expect(before).toMatchObject({ outcome: "warn" });
    expect(before?.findings[0]?.seen).toContain("is dropped by docker's chain FORWARD of table ip filter");
    expect(after?.outcome).toBe("ok");
  });

test("iptables of both kinds are found; what shows the hidden ones changes nothing", () => {
  const make = "iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-legacy -A INPUT -p tcp --dport 80 -j DROP";
  const [before, after] = mended("F7", make);
  expect(before?.findings[0]).toMatchObject({
    outcome: "warn",
    subject: "iptables",
    seen: "1 rule of iptables-legacy in filter and 1 rule of iptables-nft in filter",
    fix: { command: "iptables-legacy-save" },
  });
  expect(after?.findings).toEqual(before!.findings);
});
