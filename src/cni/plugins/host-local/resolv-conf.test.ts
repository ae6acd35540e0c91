import { expect, test } from "bun:test";
import { parseResolvConf } from "./resolv-conf.ts";

test("a resolv.conf becomes the dns of a result, comments and unknown words left aside", () => {
  const text =
    "# by hand\nnameserver 10.96.0.10\n nameserver fd00::a \n;x\ndomain cluster.local\nsearch svc.cluster.local  cluster.local\noptions ndots:5 edns0\nsortlist 1.2.3.4\nnameserver\n";
  expect(parseResolvConf(text)).toEqual({
    nameservers: ["10.96.0.10", "fd00::a"],
    domain: "cluster.local",
    search: ["svc.cluster.local", "cluster.local"],
    options: ["ndots:5", "edns0"],
  });
  expect(parseResolvConf("")).toEqual({});
});
