/** The wire log read by tcpdump: Debian package tcpdump. */
import { expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hex } from "../../base/bytes.ts";
import { link, RTM_LINK } from "../codec/route/link.ts";
import { withNetns } from "../testing/netns.ts";
import { recordNetlink } from "../testing/recorder.ts";
import { run } from "../testing/run.ts";
import { openNetlink } from "./netlink.ts";
import { openWireLog } from "./wire-log.ts";

test("tcpdump knows the link type, the times, and every byte that went over the socket", async () => {
  const dir = mkdtempSync(join(tmpdir(), "wire-"));
  const path = join(dir, "log.pcap");
  const log = recordNetlink();
  try {
    await withNetns((ns) => {
      using file = openWireLog(path, () => 1_700_000_000_123);
      const both = {
        add: (...a: Parameters<typeof file.add>) => {
          file.add(...a);
          log.add(...a);
        },
        [Symbol.dispose]: () => {},
      };
      const fd = openSync(ns.path, "r");
      using nl = openNetlink({ netns: fd, wireLog: both });
      closeSync(fd);
      nl.dump({ type: RTM_LINK.get, op: "ip link", payload: link.write({}) });
    });
    const text = run(["tcpdump", "-r", path, "-tt", "-nn"]);
    const packets = text.split(/^(?=\d)/m).filter((p) => p !== "");
    expect(packets.length).toBe(log.datagrams.length);
    for (const [i, packet] of packets.entries()) {
      const { bytes, way } = log.datagrams[i]!;
      expect(packet).toStartWith("1700000000.123000 ");
      const dumped = [...packet.matchAll(/^\s+0x[0-9a-f]+:\s+((?:[0-9a-f]{2,4} ?)+)/gm)].map((m) => m[1]).join("");
      // struct sockaddr_ll-like header of nlmon: packet type, ARPHRD_NETLINK, family.
      expect(dumped.replace(/\s/g, "")).toBe(
        `${way === "in" ? "0000" : "0004"}0338${"00".repeat(10)}0000${hex(bytes)}`,
      );
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});
