/** Firewall managers judged by their own files; what the kernel says is left out. */
import { describe, expect, test } from "bun:test";
import { parseCidr } from "../../base/cidr.ts";
import type { Address } from "../../net/addresses.ts";
import type { Link } from "../../net/links.ts";
import { type Asked, usual } from "../asked.ts";
import type { Host } from "../host.ts";
import { type HostTexts, textHost } from "../testing/text-host.ts";
import { firewalldCheck } from "./firewalld.ts";
import { flushRulesetCheck } from "./flush-ruleset.ts";
import { proxyCheck } from "./proxy.ts";
import { ufwCheck } from "./ufw.ts";

const asked: Asked = { ...usual, networks: [], nodeIp: parseCidr("10.0.0.5/24").ip };
const eth0 = { index: 2, name: "eth0", up: true } as Link;
const address = { link: 2, address: parseCidr("10.0.0.5/24") } as Address;

/** A node with one card, whose rules may not be read. */
const node = (texts: HostTexts): Host => textHost({ links: [eth0], addresses: [address], ...texts });

const zone = (inside: string, target = ""): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<zone${target && ` target="${target}"`}>\n${inside}\n</zone>`;

describe("firewalld", () => {
  const needed =
    '<port port="10250" protocol="tcp"/><port port="10256" protocol="tcp"/><port port="30000-32767" protocol="tcp"/>';
  const trusted = zone('<source address="10.244.0.0/16"/><source address="10.96.0.0/12"/>', "ACCEPT");
  const base = {
    "/etc/firewalld/firewalld.conf": "# x\nDefaultZone=public\n",
    "/etc/firewalld/zones/trusted.xml": trusted,
    "/usr/lib/firewalld/services/nodes.xml": '<service><port protocol="udp" port="30000-32767"/></service>',
  };
  const run = (files: Record<string, string>, running = ["firewalld"]) =>
    firewalldCheck.run(node({ files: { ...base, ...files }, running }), asked);

  test("all is open by ports and a service", () => {
    const found = run({ "/etc/firewalld/zones/public.xml": zone(`${needed}<service name="nodes"/>`) });
    expect(found.map((f) => f.outcome)).toEqual(["ok", "ok"]);
  });

  test("it counts in which zone the link is: by the zone's list, and by NetworkManager's profile before it", () => {
    const files = {
      "/usr/lib/firewalld/zones/public.xml": zone(`${needed}<service name="nodes"/>`),
      "/etc/firewalld/zones/work.xml": zone('<interface name="eth0"/><port port="10250" protocol="tcp"/>'),
    };
    const [open, closed] = [run(files).find((f) => f.outcome === "ok"), run(files).find((f) => f.outcome === "fail")];
    expect(open?.subject).toBe("tcp/10250");
    expect(closed).toMatchObject({
      subject: "tcp/10256, tcp/30000-32767, udp/30000-32767",
      seen: "closed in zone work",
      fix: {
        command:
          "firewall-cmd --zone=work --add-port=10256/tcp --add-port=30000-32767/tcp --add-port=30000-32767/udp && " +
          "firewall-cmd --permanent --zone=work --add-port=10256/tcp --add-port=30000-32767/tcp --add-port=30000-32767/udp",
        survivesReboot: true,
      },
    });
    const profile = "[connection]\ninterface-name=eth0\nzone=public\n";
    const byProfile = run({ ...files, "/etc/NetworkManager/system-connections/a.nmconnection": profile });
    expect(byProfile.every((f) => f.outcome === "ok")).toBe(true);
  });

  test("rich rules for a source, and those that refuse before those that accept", () => {
    const rich = (address: string, what: string, end: string): string =>
      `<rule family="ipv4"><source address="${address}"/>${what}<${end}/></rule>`;
    const all = `${needed}<service name="nodes"/>`;
    const open = zone(`<service name="nodes"/>${rich("10.0.0.0/24", "", "accept")}`);
    expect(run({ "/etc/firewalld/zones/public.xml": open })[0]?.outcome).toBe("ok");
    const elsewhere = zone(`<service name="nodes"/>${rich("10.9.0.0/24", "", "accept")}`);
    expect(run({ "/etc/firewalld/zones/public.xml": elsewhere })[0]?.outcome).toBe("fail");
    const refused = zone(`${all}${rich("10.0.0.0/24", '<port port="10250" protocol="tcp"/>', "reject")}`);
    expect(run({ "/etc/firewalld/zones/public.xml": refused })[0]).toMatchObject({
      outcome: "fail",
      subject: "tcp/10250",
    });
    const commented = zone(`<!-- ${needed} --><service name="nodes"/>`);
    expect(run({ "/etc/firewalld/zones/public.xml": commented })[0]?.outcome).toBe("fail");
  });

  test("a tunnel is opened to the node's own subnet, and to nobody else", () => {
    const files = { ...base, "/etc/firewalld/zones/public.xml": zone(`${needed}<service name="nodes"/>`) };
    const [found] = firewalldCheck
      .run(node({ files, running: ["firewalld"] }), { ...asked, networks: ["vxlan"] })
      .filter((f) => f.outcome === "fail");
    expect(found?.subject).toBe("udp/8472");
    expect(found?.fix?.undo).toStartWith(
      'firewall-cmd --zone=public --remove-rich-rule=\'rule family="ipv4" source address="10.0.0.0/24" port port="8472" protocol="udp" accept\' && ',
    );
  });

  test("pods and services have to be trusted", () => {
    const found = run({
      "/etc/firewalld/zones/public.xml": zone(`${needed}<service name="nodes"/>`),
      "/etc/firewalld/zones/trusted.xml": zone('<source address="10.244.0.0/16"/>', "ACCEPT"),
    });
    expect(found.at(-1)).toMatchObject({
      outcome: "fail",
      seen: "10.96.0.0/12 in no trusted zone",
      fix: {
        undo:
          "firewall-cmd --zone=trusted --remove-source=10.96.0.0/12 && " +
          "firewall-cmd --permanent --zone=trusted --remove-source=10.96.0.0/12",
      },
    });
  });

  test("one that only starts at boot warns, in the words of the program that needs no daemon; one that does not is no matter", () => {
    const enabled = { "/etc/systemd/system/multi-user.target.wants/firewalld.service": "" };
    const found = run({ ...enabled, "/etc/firewalld/zones/public.xml": zone("") }, []);
    expect(found[0]).toMatchObject({ outcome: "warn" });
    expect(found[0]?.fix?.command).toStartWith("firewall-offline-cmd --zone=public --add-port=10250/tcp");
    expect(run({ "/etc/firewalld/zones/public.xml": zone("") }, [])).toEqual([]);
    expect(firewalldCheck.run(node({}), asked)).toEqual([]);
  });
});

describe("ufw", () => {
  const run = (rules: readonly string[], defaults = "", enabled = "yes") =>
    ufwCheck.run(
      node({
        files: {
          "/etc/ufw/ufw.conf": `ENABLED=${enabled}\n`,
          "/etc/default/ufw": `DEFAULT_INPUT_POLICY="DROP"\nDEFAULT_FORWARD_POLICY="DROP"\n${defaults}`,
          "/etc/ufw/user.rules": rules.map((r) => `### tuple ### ${r}\n-A something\n`).join("\n"),
        },
      }),
      asked,
    );
  const any = "0.0.0.0/0";
  const pods = [`route:allow any any ${any} any 10.244.0.0/16 in`];
  const open = [
    `allow tcp 10250 ${any} any ${any} in`,
    `allow tcp 10256 ${any} any 10.0.0.0/24 in_eth0`,
    `allow any 30000:32767 ${any} any ${any} in`,
  ];

  test("rules for ports, sources and links are read; limit lets in, too", () => {
    expect(run([...open, ...pods]).map((f) => f.outcome)).toEqual(["ok", "ok"]);
    expect(run([open[0]!.replace("allow", "limit"), ...open.slice(1), ...pods])[0]?.outcome).toBe("ok");
  });

  test("the first rule that fits decides", () => {
    const denied = run([`deny_log tcp 10250 ${any} any 10.0.0.0/8 in`, ...open, ...pods]);
    expect(denied[0]).toMatchObject({
      outcome: "fail",
      subject: "tcp/10250",
      fix: { command: "ufw allow 10250/tcp", undo: "ufw delete allow 10250/tcp", survivesReboot: true },
    });
    expect(run([...open, `deny tcp 10250 ${any} any ${any} in`, ...pods])[0]?.outcome).toBe("ok");
  });

  test("a tunnel is opened to the node's own subnet, and to nobody else", () => {
    const files = {
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/user.rules": [...open, ...pods].map((r) => `### tuple ### ${r}\n`).join(""),
    };
    const [found] = ufwCheck.run(node({ files }), { ...asked, networks: ["vxlan"] });
    expect(found?.fix?.command).toBe("ufw allow from 10.0.0.0/24 to any port 8472 proto udp");
  });

  test("rules of other links and sources let nothing in", () => {
    const found = run([open[0]!, open[1]!.replace("in_eth0", "in_eth1"), open[2]!, ...pods]);
    expect(found[0]).toMatchObject({ outcome: "fail", subject: "tcp/10256" });
  });

  test("what pods send is passed on by a rule or by the default", () => {
    expect(run(open)[1]).toMatchObject({
      outcome: "fail",
      fix: {
        command:
          "ufw allow from 10.244.0.0/16 && ufw route allow from 10.244.0.0/16 && ufw route allow to 10.244.0.0/16",
      },
    });
    expect(run(open, 'DEFAULT_FORWARD_POLICY="ACCEPT"\n').at(-1)?.outcome).toBe("ok");
  });

  test("one that is off is no matter", () => {
    expect(run([], "", "no")).toEqual([]);
    expect(ufwCheck.run(node({}), asked)).toEqual([]);
  });
});

describe("nftables.conf", () => {
  const run = (text: string, enabled = true) =>
    flushRulesetCheck.run(
      node({
        files: {
          "/etc/nftables.conf": text,
          ...(enabled ? { "/etc/systemd/system/sysinit.target.wants/nftables.service": "" } : {}),
        },
      }),
      asked,
    );
  const own = "flush ruleset\ntable inet filter {\n}\ntable ip nat {\n}\n";

  test("flush ruleset is replaced by its own tables", () => {
    expect(run(own)[0]).toMatchObject({
      outcome: "warn",
      seen: "flush ruleset in /etc/nftables.conf",
      want: "only its own tables: inet filter, ip nat",
      fix: {
        command:
          "sed -i.before 's/^\\s*flush ruleset.*/add table inet filter; delete table inet filter; add table ip nat; delete table ip nat/' /etc/nftables.conf",
      },
    });
  });

  test("a comment, a file without it and one that nothing loads are well", () => {
    expect(run("# flush ruleset\ntable inet filter {\n}\n")[0]?.outcome).toBe("ok");
    expect(run(own, false)[0]?.outcome).toBe("ok");
    expect(flushRulesetCheck.run(node({}), asked)).toEqual([]);
  });
});

describe("proxy", () => {
  const run = (files: Record<string, string>, running: string[] = []) =>
    proxyCheck.run(node({ files, running }), asked);

  test("what is missing in no_proxy is named, and a proxy's password is not", () => {
    const [found] = run({ "/etc/environment": "HTTPS_PROXY=http://me:secret@proxy:3128\nno_proxy=10.0.0.0/8\n" });
    expect(found).toMatchObject({
      outcome: "warn",
      subject: "/etc/environment",
      seen: "proxy http://…@proxy:3128, also for .svc, .cluster.local",
    });
    expect(JSON.stringify(found)).not.toContain("secret");
    // The line that stood there before comes back.
    expect(found?.fix?.undo).toBe("mv /etc/environment.before /etc/environment");
  });

  test("a domain without its dot is left out as well; a service's folder is made where there is none", () => {
    const found = run(
      { "/proc/100/environ": "https_proxy=http://p:1\0no_proxy=10.0.0.0/8,svc,cluster.local,*.x.example\0" },
      ["kubelet"],
    );
    expect(found[0]?.outcome).toBe("ok");
    const [more] = run({ "/proc/100/environ": "https_proxy=http://p:1\0no_proxy=*.x.example\0" }, ["kubelet"]);
    expect(more?.fix?.command).toStartWith(
      `mkdir -p /etc/systemd/system/kubelet.service.d && printf '[Service]\\nEnvironment="NO_PROXY=%s"\\n' '*.x.example,`,
    );
  });

  test("services' drop-ins and environments of programs", () => {
    const found = run(
      {
        "/etc/systemd/system/containerd.service.d/proxy.conf":
          '[Service]\nEnvironment="HTTP_PROXY=http://p:1" "NO_PROXY=*"\n',
        "/proc/100/environ": "PATH=/bin\0https_proxy=http://p:1\0no_proxy=10.244.0.0/16,10.96.0.0/12\0",
        "/proc/101/environ": "https_proxy=http://p:1\0",
      },
      ["kubelet", "bash"],
    );
    expect(found.map(({ outcome, subject }) => `${outcome} ${subject}`)).toEqual([
      "ok /etc/systemd/system/containerd.service.d",
      "warn kubelet, process 100",
    ]);
    expect(found[1]?.seen).toBe("proxy http://p:1, also for 10.0.0.5/24, .svc, .cluster.local");
  });
});
