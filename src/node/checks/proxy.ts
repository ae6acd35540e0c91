/** F10: what is asked by way of a proxy leaves out the cluster's own addresses. */
import { type Cidr, cidrText, contains, tryCidr } from "../../base/cidr.ts";
import { tryIp } from "../../base/ip.ts";
import { quote } from "../../net/plan/quote.ts";
import type { Asked } from "../asked.ts";
import type { Check, Finding } from "../check.ts";
import { ok } from "../finding.ts";
import type { Host } from "../host.ts";
import { nodeAddress } from "../reads/uplinks.ts";

/** Programs of a node that ask others over HTTP, and their services. */
const programs: Readonly<Record<string, string>> = {
  containerd: "containerd",
  crio: "crio",
  dockerd: "docker",
  kubelet: "kubelet",
  "k3s-server": "k3s",
  "k3s-agent": "k3s-agent",
};

interface Setting {
  readonly where: string;
  readonly text: string;
  /** Where more can be said. */
  readonly service?: string;
}

/** `NAME=value`, quoted or not, one a line or ended by a null byte. */
const settingOf = (text: string, name: string): string | undefined =>
  new RegExp(`(?:^|[\\s"'\\0])${name}=["']?([^"'\\n\\0]*)`, "i").exec(text)?.[1]?.trim();

/** Without name and password. */
const shown = (proxy: string): string => proxy.replace(/\/\/[^@/]*@/, "//…@");

const dropIns = (host: Host): Setting[] =>
  Object.values(programs).flatMap((service) => {
    const dir = `/etc/systemd/system/${service}.service.d`;
    const text = host
      .list(dir)
      .filter((name) => name.endsWith(".conf"))
      .map((name) => host.read(`${dir}/${name}`) ?? "")
      .join("\n");
    return text === "" ? [] : [{ where: dir, text, service }];
  });

const files = ["/etc/environment", "/etc/default/kubelet", "/etc/sysconfig/kubelet", "/etc/default/docker"];

/** Another's environment is for root, or may be gone. */
const environ = (host: Host, pid: number | "self"): string => {
  try {
    return host.read(`/proc/${pid}/environ`) ?? "";
  } catch {
    return "";
  }
};

const settings = (host: Host): Setting[] => [
  ...dropIns(host),
  ...files.map((path) => ({ where: path, text: host.read(path) ?? "" })),
  ...host.processes
    .filter(({ name }) => programs[name] !== undefined)
    .map(({ pid, name }) => ({ where: `${name}, process ${pid}`, text: environ(host, pid), service: programs[name]! })),
  // kubeadm writes the shell's proxies into the API server's own environment.
  ...(host.kind === "machine" ? [{ where: "this shell", text: environ(host, "self") }] : []),
];

const leavesOut = (entries: readonly string[], { ip, prefix }: Cidr): boolean =>
  entries.some((entry) => {
    if (entry === "*" || tryIp(entry) === ip) return true;
    const cidr = tryCidr(entry);
    return cidr !== undefined && cidr.prefix <= prefix && contains(cidr, ip);
  });

const wanted = (host: Host, asked: Asked): Cidr[] => {
  const own = nodeAddress(host, asked)?.ip;
  const subnet = host.addresses.find(({ address }) => address.ip === own)?.address;
  return [...asked.podCidrs, ...asked.serviceCidrs, ...(subnet ? [subnet] : [])];
};

const look = ({ where, text, service }: Setting, ranges: readonly Cidr[]): Finding[] => {
  const proxy = settingOf(text, "https_proxy") || settingOf(text, "http_proxy");
  if (!proxy) return [];
  const entries = (settingOf(text, "no_proxy") ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
  const missing = ranges.filter((range) => !leavesOut(entries, range)).map(cidrText);
  const names = entries.includes("*")
    ? []
    : // With or without the dot: without it the domain itself is meant, too.
      [".svc", ".cluster.local"].filter((name) => !entries.includes(name) && !entries.includes(name.slice(1)));
  const lacks = [...missing, ...names];
  if (lacks.length === 0) return [ok(`${shown(proxy)}, not for the cluster`, where)];
  const value = [...entries, ...lacks].join(",");
  return [
    {
      outcome: "warn",
      subject: where,
      seen: `proxy ${shown(proxy)}, also for ${lacks.join(", ")}`,
      want: "these in no_proxy",
      fix: fixOf(where, service, quote(value), quote(entries.join(","))),
    },
  ];
};

const fixOf = (where: string, service: string | undefined, value: string, was: string): NonNullable<Finding["fix"]> => {
  if (where === "this shell")
    return {
      command: `export NO_PROXY=${value} no_proxy=${value}`,
      undo: was === "''" ? "unset NO_PROXY no_proxy" : `export NO_PROXY=${was} no_proxy=${was}`,
      survivesReboot: false,
    };
  if (service === undefined)
    return {
      command: `cp -a ${where} ${where}.before && printf 'NO_PROXY=%s\\nno_proxy=%s\\n' ${value} ${value} >> ${where}`,
      undo: `mv ${where}.before ${where}`,
      survivesReboot: true,
    };
  const dir = `/etc/systemd/system/${service}.service.d`;
  const file = `${dir}/zz-no-proxy.conf`;
  return {
    command: `mkdir -p ${dir} && printf '[Service]\\nEnvironment="NO_PROXY=%s"\\n' ${value} > ${file} && systemctl daemon-reload && systemctl restart ${service}`,
    undo: `rm ${file} && systemctl daemon-reload && systemctl restart ${service}`,
    survivesReboot: true,
  };
};

export const proxyCheck: Check = {
  id: "F10",
  name: "proxy",
  area: "firewall",
  severity: "warn",
  title: "the cluster's own addresses are not asked for by way of a proxy",
  why: "API server, probes and metrics go to a proxy that knows no pods: 'service unavailable' from addresses that are up",
  run: (host, asked) => {
    const ranges = wanted(host, asked);
    return settings(host).flatMap((setting) => look(setting, ranges));
  },
};
