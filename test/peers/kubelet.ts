/** What a kubelet asks of a container runtime, over the Container Runtime Interface (k8s.io/cri-api, runtime.v1). */
import type { JsonObject } from "../../src/base/json-types.ts";
import { type Fields, type Message, openGrpc } from "./grpc.ts";
import { imageName } from "./image.ts";

export interface Sandbox {
  readonly id: string;
  readonly ip: string;
  /** The pod's network namespace, as the runtime's machine knows it. */
  readonly netns: string;
}

/** A port of the host that leads to one of the pod, TCP. */
export interface HostPort {
  readonly hostPort: number;
  readonly containerPort: number;
}

export interface Kubelet extends Disposable {
  /** Why the runtime says that the network is not ready; empty when it is. */
  networkTrouble(): Promise<string>;
  /** RunPodSandbox. */
  runPod(name: string, ports?: readonly HostPort[]): Promise<Sandbox>;
  /** A container in the pod that sleeps; gives its ID. */
  startContainer(pod: Sandbox, name: string): Promise<string>;
  /** Output of a program in a container. @throws Error with both outputs when it does not exit with 0 */
  exec(container: string, argv: readonly string[]): Promise<string>;
  /** StopPodSandbox, which ends containers and network, and RemovePodSandbox. */
  removePod(pod: Sandbox): Promise<void>;
}

const metadata = (name: string): Message => [
  [1, name],
  [2, `uid-${name}`],
  [3, "default"],
];

const podConfig = (name: string, ports: readonly HostPort[] = []): Message => [
  [1, metadata(name)],
  [2, name],
  ...ports.map(({ hostPort, containerPort }) => [5, [[2, containerPort] as const, [3, hostPort] as const]] as const),
  [8, []],
];

export const openKubelet = (socket: string): Kubelet => {
  const grpc = openGrpc(socket);
  const ask = (method: string, request: Message): Promise<Fields> =>
    grpc.call(`runtime.v1.RuntimeService/${method}`, request);
  const names = new Map<string, string>();
  return {
    networkTrouble: async () => {
      const conditions = (await ask("Status", [])).message(1).messages(1);
      const network = conditions.find((c) => c.text(1) === "NetworkReady");
      return network?.number(2) === 1 ? "" : `${network?.text(3)}: ${network?.text(4)}`;
    },
    runPod: async (name, ports) => {
      const id = (await ask("RunPodSandbox", [[1, podConfig(name, ports)]])).text(1);
      names.set(id, name);
      const told = await ask("PodSandboxStatus", [
        [1, id],
        [2, 1],
      ]);
      const info = told.messages(2).find((pair) => pair.text(1) === "info");
      const { runtimeSpec } = JSON.parse(info?.text(2) ?? "{}") as {
        runtimeSpec: { linux: { namespaces: JsonObject[] } };
      };
      const netns = runtimeSpec.linux.namespaces.find((n) => n.type === "network")?.path;
      return { id, ip: told.message(1).message(5).text(1), netns: String(netns) };
    },
    startContainer: async (pod, name) => {
      const config: Message = [
        [1, [[1, name]]],
        [2, [[1, imageName]]],
      ];
      const created = await ask("CreateContainer", [
        [1, pod.id],
        [2, config],
        [3, podConfig(names.get(pod.id) ?? "")],
      ]);
      await ask("StartContainer", [[1, created.text(1)]]);
      return created.text(1);
    },
    exec: async (container, argv) => {
      const done = await ask("ExecSync", [[1, container], ...argv.map((word) => [2, word] as const), [3, 30]]);
      if (done.number(3) !== 0)
        throw new Error(`${argv.join(" ")} ended with ${done.number(3)}: ${done.text(1)}${done.text(2)}`);
      return done.text(1);
    },
    removePod: async (pod) => {
      await ask("StopPodSandbox", [[1, pod.id]]);
      await ask("RemovePodSandbox", [[1, pod.id]]);
    },
    [Symbol.dispose]: () => grpc[Symbol.dispose](),
  };
};
