/** What is to be set and what is put back, as steps; and what that makes of the result. Pure. */
import type { LinkChange } from "../../../net/links.ts";
import type { Step } from "../../../net/plan/step.ts";
import type { PodLink } from "../../attach/plan-pod.ts";
import type { Result } from "../../spec/types.ts";
import type { Backup } from "./backup.ts";
import type { LinkTuning, Sysctl, TuningConfig } from "./config.ts";

/** What is there before ADD. */
export interface Former {
  /** The attributes that are to be set, as they are. */
  readonly link: LinkTuning;
  /** By name; one that can be written and not read is absent. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/**
 * The sysctls of one pod, in the order in which to set them. What turns IPv6 off comes last: it takes the addresses with
 * it, and no later failure must find them gone.
 */
export const sysctlsOf = (c: TuningConfig, ifname: string): readonly Sysctl[] => {
  const all = c.sysctls.map((s) => ({ ...s, name: s.name.replace("IFNAME", () => ifname) }));
  const late = (s: Sysctl): boolean => s.name.endsWith("/disable_ipv6") && s.value.trim() !== "0";
  return [...all.filter((s) => !late(s)), ...all.filter(late)];
};

/** One at a time: the kernel does not take back the first part of a change whose second it refuses. */
const single = (link: LinkTuning): LinkChange[] => {
  const { mac, mtu, promisc, allmulti, txqlen } = link;
  return [
    ...(mac === undefined ? [] : [{ mac }]),
    ...(mtu === undefined ? [] : [{ mtu }]),
    ...(promisc === undefined ? [] : [{ promisc }]),
    ...(allmulti === undefined ? [] : [{ allmulti }]),
    ...(txqlen === undefined ? [] : [{ txqlen }]),
  ];
};

const setLink = (pod: PodLink, set: LinkChange): Step => ({ do: "link.set", in: pod.netns, name: pod.ifname, set });

/** The attributes that differ from the former ones, then the sysctls. */
export const planTuning = (pod: PodLink, link: LinkTuning, sysctls: readonly Sysctl[], former: Former): Step[] => [
  ...single(differing(link, former.link)).map((set) => setLink(pod, set)),
  ...sysctls.map(({ name, value }): Step => {
    const readable = Object.hasOwn(former.sysctls, name);
    return { do: "sysctl.set", in: pod.netns, name, value, ...(!readable && { fresh: true }) };
  }),
];

const differing = (link: LinkTuning, former: LinkTuning): LinkTuning =>
  Object.fromEntries(Object.entries(link).filter(([key, value]) => former[key as keyof LinkTuning] !== value));

/** Last set, first put back. What is gone by then, such as the sysctls of a renamed interface, will do. */
export const planRestore = (pod: PodLink, { link, sysctls }: Backup): Step[] => [
  ...Object.entries(sysctls)
    .reverse()
    .map(([name, value]): Step => ({ do: "sysctl.set", in: pod.netns, name, value, orMissing: true })),
  ...single(link)
    .reverse()
    .map((set) => setLink(pod, set)),
];

/** Where in a result the tuned interface stands; -1 when nowhere. Not every plugin spells the sandbox as we were told it. */
export const placeOf = ({ interfaces }: Result, { netns, ifname }: PodLink): number => {
  const sure = interfaces.findIndex((x) => x.name === ifname && x.sandbox === netns);
  if (sure >= 0) return sure;
  const inSome = interfaces.findIndex((x) => x.name === ifname && x.sandbox);
  return inSome >= 0 ? inSome : interfaces.findIndex((x) => x.name === ifname);
};

/** The result as it came, with what is now true of the pod's interface. */
export const tunedResult = (prev: Result, pod: PodLink, { mac, mtu }: LinkTuning): Result => {
  const place = placeOf(prev, pod);
  const tuned = { ...(mac && { mac }), ...(mtu && { mtu }) };
  return { ...prev, interfaces: prev.interfaces.map((x, i) => (i === place ? { ...x, ...tuned } : x)) };
};
