/** Calling: a TCP connection to the one who waits, and the handshake on it. */
import { connect } from "node:net";
import { FaultError } from "../../../base/fault.ts";
import { type Ip, tryIp } from "../../../base/ip.ts";
import { type Channel, openChannel } from "./channel.ts";
import { type Pipe, socketPipe } from "./pipe.ts";
import { type Place, placeText } from "./token.ts";

export interface Called {
  readonly channel: Channel;
  /** Our own address on this way. */
  readonly own?: Ip;
}

const patience = 5000;

const dial = (place: Place): Promise<{ pipe: Pipe; own: Ip | undefined }> =>
  new Promise((resolve, reject) => {
    const who = placeText(place);
    const socket = connect({ host: place.host, port: place.port });
    const fail = (why: string): void => {
      socket.destroy();
      const fix = `on ${place.host}: let tcp/${place.port} in, or give --port one that is open`;
      reject(new FaultError({ kind: "no-answer", who: `answer from ${who}`, why, fix }));
    };
    const timer = setTimeout(() => fail("silence, as of a firewall that drops"), patience);
    socket.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(
        error.code === "ECONNREFUSED" ? "nobody listens there, or a firewall refuses" : (error.code ?? error.message),
      );
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve({ pipe: socketPipe(socket, who), own: tryIp((socket.localAddress ?? "").replace(/^::ffff:/, "")) });
    });
  });

/** @throws FaultError no-answer */
export const call = async (place: Place, psk: Uint8Array): Promise<Called> => {
  const { pipe, own } = await dial(place);
  const channel = await openChannel(pipe, { side: "calls", psk });
  return { channel, ...(own ? { own } : {}) };
};
