/** The administrator's list where it really is, asked by the program in a file system of its own. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { parseJson } from "../../../base/json.ts";
import type { JsonObject } from "../../../base/json-types.ts";
import type { TestNetns } from "../../../kernel/testing/netns.ts";
import { tryRun } from "../../../kernel/testing/run.ts";
import { type Stage, withStage } from "../../testing/stage.ts";
import { podWithLink, sysctl, tuningConf } from "./testing/pod.ts";

// Each test starts dozens of processes: on a busy machine that is slow, not wrong.
setDefaultTimeout(60_000);

const main = join(import.meta.dirname, "../../../app/main.ts");

/** Runs the plugin with an /etc that holds nothing but the list. */
const ask = (s: Stage, verb: string, conf: JsonObject, list: string, pod?: TestNetns): JsonObject => {
  const script = `
    mount -t tmpfs tmpfs /etc
    mkdir -p /etc/cni/tuning
    printf '%s' "$LIST" > /etc/cni/tuning/allowlist.conf
    exec -a tuning ${process.execPath} ${main}`;
  const { stdout, stderr } = tryRun(["nsenter", `--net=${s.host.path}`, "unshare", "--mount", "bash", "-ec", script], {
    input: JSON.stringify(conf),
    env: {
      CNI_COMMAND: verb,
      CNI_CONTAINERID: "pod1",
      CNI_NETNS: pod?.path ?? "",
      CNI_IFNAME: "eth0",
      CNI_PATH: "/nowhere",
      LIST: list,
    },
  });
  expect(stderr).toBe("");
  return stdout === "" ? {} : (parseJson(stdout, "stdout") as JsonObject);
};

const key = "net.ipv4.conf.IFNAME.arp_notify";
const refused = `sysctl.${key}: no line of /etc/cni/tuning/allowlist.conf allows it`;

test("ADD sets what the list allows and nothing else; DEL and CHECK do not ask it", () =>
  withStage(async (s) => {
    const pod = podWithLink(s);
    const conf = tuningConf(s, pod, { sysctl: { [key]: "1" } });
    const no = ask(s, "ADD", conf, "^net\\.ipv4\\.ip_", pod);
    expect(no).toMatchObject({ code: 7, msg: expect.stringContaining(refused) });
    expect(sysctl(pod, "net/ipv4/conf/eth0/arp_notify")).toBe("0");
    expect(ask(s, "ADD", conf, "^net\\.ipv4\\.ip_\n^net\\.ipv4\\.conf\\.IFNAME\\.", pod)).toEqual(
      conf.prevResult as JsonObject,
    );
    expect(sysctl(pod, "net/ipv4/conf/eth0/arp_notify")).toBe("1");
    for (const verb of ["CHECK", "DEL"]) expect(ask(s, verb, conf, "", pod)).toEqual({});
    expect(sysctl(pod, "net/ipv4/conf/eth0/arp_notify")).toBe("0");
  }));

test("STATUS is 50 when the list does not allow what the config sets", () =>
  withStage(async (s) => {
    const conf = { ...tuningConf(s, s.host, { sysctl: { [key]: "1" }, prevResult: null }), cniVersion: "1.1.0" };
    expect(ask(s, "STATUS", conf, "arp_notify")).toEqual({});
    expect(ask(s, "STATUS", conf, "rp_filter")).toMatchObject({
      code: 50,
      msg: expect.stringContaining(refused),
      details: "cat /etc/cni/tuning/allowlist.conf",
    });
    expect(ask(s, "STATUS", conf, "(")).toMatchObject({ code: 50, msg: expect.stringContaining("allowlist.conf:1") });
  }));
