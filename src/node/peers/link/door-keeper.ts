/**
 * Waiting to be called: one open TCP port. Whoever knows the token gets a channel; everybody else is sent away before any
 * arithmetic that costs, and said once.
 */
import { createServer, type Server, type Socket } from "node:net";
import { FaultError, faultMessage, faultOf } from "../../../base/fault.ts";
import { type Ip, tryIp } from "../../../base/ip.ts";
import { type Channel, openChannel } from "./channel.ts";
import { socketPipe } from "./pipe.ts";

export interface KeeperOptions {
  readonly port: number;
  /** Address to wait at; absent: all. */
  readonly ip?: Ip;
  readonly psk: Uint8Array;
  readonly onChannel: (channel: Channel, own: Ip | undefined) => void;
  /** Once for each address. */
  readonly onRefused: (address: string, why: string) => void;
}

export interface Keeper {
  readonly port: number;
  close(): void;
}

/** Callers that have not proved that they know the token: one more, and the one that has been silent for longest goes. */
const pendingAtOnce = 32;
const patience = 3000;
/** Addresses whose refusal was said: a flood from many is not worth a line each. */
const saidAtMost = 20;

const plain = (address: string | undefined): string => (address ?? "somebody").replace(/^::ffff:/, "");

/** @throws FaultError busy, kernel */
export const keepDoor = (options: KeeperOptions): Promise<Keeper> =>
  new Promise((resolve, reject) => {
    const { psk, onChannel, onRefused } = options;
    const pending = new Set<Socket>();
    const said = new Set<string>();
    const seen = new Set<string>();
    const refuse = (address: string, why: string): void => {
      if (said.has(address) || said.size >= saidAtMost) return;
      said.add(address);
      onRefused(address, why);
    };
    const welcome = async (socket: Socket): Promise<void> => {
      const address = plain(socket.remoteAddress);
      const own = tryIp(plain(socket.localAddress));
      // Proving takes one round trip: a flood of the silent cannot keep out one who knows the token.
      const [longest] = pending;
      if (longest && pending.size >= pendingAtOnce) {
        pending.delete(longest);
        longest.destroy();
      }
      pending.add(socket);
      const who = `${address}:${socket.remotePort}`;
      try {
        onChannel(await openChannel(socketPipe(socket, who), { side: "called", psk, patience, seen }), own);
      } catch (error) {
        const fault = faultOf(error);
        refuse(address, fault.kind === "no-answer" ? fault.why : faultMessage(fault));
      } finally {
        pending.delete(socket);
      }
    };
    const server: Server = createServer((socket) => void welcome(socket));
    const noIpv6: readonly (string | undefined)[] = ["EAFNOSUPPORT", "EADDRNOTAVAIL"];
    let host: string | undefined = options.ip;
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (host === undefined && noIpv6.includes(error.code)) {
        host = "0.0.0.0";
        server.listen({ port: options.port, host }, listening);
        return;
      }
      const what = `port tcp/${options.port}`;
      if (error.code === "EADDRINUSE")
        reject(new FaultError({ kind: "busy", what, why: "another program listens on it; give another with --port" }));
      else reject(new FaultError({ kind: "kernel", op: `listen on ${what}`, errno: error.code ?? error.message }));
    });
    const listening = (): void => {
      const at = server.address();
      resolve({
        port: typeof at === "object" && at ? at.port : options.port,
        close: () => {
          server.close();
          for (const socket of pending) socket.destroy();
        },
      });
    };
    server.listen({ port: options.port, ...(host === undefined ? {} : { host }) }, listening);
  });
