/** portmap beside kube-proxy in IPVS mode, which has the services' addresses on a link of the host. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { withStage } from "../../testing/stage.ts";
import { ask, serve } from "../../testing/talk.ts";
import { attach, base, http, map, mapped, neighbour } from "./testing/pods.ts";

setDefaultTimeout(120_000);

test("where kube-proxy is in IPVS mode services keep their ports by a condition, and STATUS says so", () =>
  withStage(async (s) => {
    const outside = neighbour(s);
    const [a, b] = [await attach(s), await attach(s, "pod2")];
    // As kube-proxy has it: a link that is down with the services' addresses, which IPVS serves in the host.
    s.host.sh("ip link add kube-ipvs0 type bridge; ip addr add 10.96.0.10/32 dev kube-ipvs0");
    const service = "10.96.0.10";
    const besides = { conditionsV4: ["!", "-d", "10.96.0.0/12"] };
    expect((await s.call("STATUS", base)).stderr).toMatch(
      /^kube-proxy is in IPVS mode .*"conditionsV4": \["!", "-d", "10\.96\.0\.0\/12"\]/,
    );
    expect(await s.call("STATUS", { ...base, ...besides })).toEqual({ exit: 0, json: {}, stderr: "" });

    const spared = mapped([{ ...http, hostPort: 8081 }], besides);
    expect(await map(s, a, mapped([http]))).toMatchObject({ exit: 0 });
    expect(await map(s, b, spared, "ADD", "pod2")).toMatchObject({ exit: 0 });
    using _pod = await serve(a.pod, "tcp", 80, "pod");
    using _pod2 = await serve(b.pod, "tcp", 80, "pod2");
    using _plain = await serve(s.host, "tcp", 8080, "service", service);
    using _spared = await serve(s.host, "tcp", 8081, "service", service);
    expect(ask(outside, "tcp", service, 8080)).toBe("pod 192.0.2.2");
    expect(ask(outside, "tcp", service, 8081)).toBe("service 192.0.2.2");
    expect(ask(s.host, "tcp", service, 8081)).toBe(`service ${service}`);
    expect(ask(outside, "tcp", "192.0.2.1", 8081)).toBe("pod2 192.0.2.2");
    expect(await map(s, b, spared, "CHECK", "pod2")).toMatchObject({ exit: 0 });
  }));
