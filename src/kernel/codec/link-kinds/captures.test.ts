/** What `ip` 6.1 sent to the kernel for links below a master, byte for byte, read and written again. */
import { expect, test } from "bun:test";
import { link } from "../route/link.ts";
import { reads } from "../testing/captured.ts";

const head = { family: 0, type: 0, index: 0, flags: 0, change: 0 };
const ifinfomsg = "00 00 0000 00000000 00000000 00000000";

test("ip link add link v0 name v0.100 type vlan id 100", () => {
  expect(
    reads(
      link,
      "4c000000 1000 0506 66a00a6b 00000000", // RTM_NEWLINK, request ack excl create
      ifinfomsg,
      "0800 0500 03000000", // IFLA_LINK
      "0b00 0300 76302e31303000 00", // IFLA_IFNAME v0.100
      "1800 1200", // IFLA_LINKINFO
      "0800 0100 766c616e", //   IFLA_INFO_KIND vlan
      "0c00 0200", //   IFLA_INFO_DATA
      "0600 0100 6400 0000", //     IFLA_VLAN_ID
    ),
  ).toEqual({
    type: 16,
    flags: 0x605,
    value: { ...head, link: 3, ifname: "v0.100", linkinfo: { kind: "vlan", data: { id: 100 } } },
  });
});

test("ip link add link v0 name q0 type vlan protocol 802.1ad id 7: the ethertype is big-endian", () => {
  expect(
    reads(
      link,
      "50000000 1000 0506 66a00a6b 00000000",
      ifinfomsg,
      "0800 0500 03000000",
      "0700 0300 713000 00",
      "2000 1200 0800 0100 766c616e",
      "1400 0200",
      "0600 0500 88a8 0000", //     IFLA_VLAN_PROTOCOL
      "0600 0100 0700 0000", //     IFLA_VLAN_ID
    ).value,
  ).toMatchObject({ linkinfo: { kind: "vlan", data: { protocol: 0x88a8, id: 7 } } });
});

test("ip link add link v0 name i0 type ipvlan mode l3s, and mode l2 vepa", () => {
  const sent = (mode: string, flags: string): object =>
    reads(
      link,
      "54000000 1000 0506 66a00a6b 00000000",
      ifinfomsg,
      "0800 0500 03000000",
      "0700 0300 693000 00",
      "2400 1200 0a00 0100 6970766c616e 0000", // IFLA_INFO_KIND ipvlan
      "1400 0200",
      `0600 0100 ${mode} 0000`, //     IFLA_IPVLAN_MODE
      `0600 0200 ${flags} 0000`, //     IFLA_IPVLAN_FLAGS
    ).value;
  expect(sent("0200", "0000")).toMatchObject({ linkinfo: { kind: "ipvlan", data: { mode: 2, flags: 0 } } });
  expect(sent("0000", "0200")).toMatchObject({ linkinfo: { kind: "ipvlan", data: { mode: 0, flags: 2 } } });
});

test("ip link add d0 mtu 1400 type dummy: the kind is all there is", () => {
  expect(
    reads(
      link,
      "40000000 1000 0506 66a00a6b 00000000",
      ifinfomsg,
      "0800 0400 78050000", // IFLA_MTU
      "0700 0300 643000 00",
      "1000 1200 0900 0100 64756d6d79 000000", // IFLA_INFO_KIND dummy
    ).value,
  ).toEqual({ ...head, mtu: 1400, ifname: "d0", linkinfo: { kind: "dummy" } });
});

test("ip link add link v0 name eth0 netns NSX address ... type macvlan mode bridge bcqueuelen 5000", () => {
  expect(
    reads(
      link,
      "6c000000 1000 0506 66a00a6b 00000000",
      ifinfomsg,
      "0800 1c00 04000000", // IFLA_NET_NS_FD: where it is born; IFLA_LINK is an index of the sender's namespace
      "0a00 0100 020000000001 0000", // IFLA_ADDRESS
      "0800 0500 03000000",
      "0900 0300 6574683000 000000",
      "2400 1200 0b00 0100 6d6163766c616e 00", // IFLA_INFO_KIND macvlan
      "1400 0200",
      "0800 0700 88130000", //     IFLA_MACVLAN_BC_QUEUE_LEN
      "0800 0100 04000000", //     IFLA_MACVLAN_MODE bridge
    ).value,
  ).toEqual({
    ...head,
    netNsFd: 4,
    address: "02:00:00:00:00:01",
    link: 3,
    ifname: "eth0",
    linkinfo: { kind: "macvlan", data: { bcQueueLen: 5000, mode: 4 } },
  });
});
