/**
 * Values both ways between two who know the token, over any pipe: a handshake, then JSON, sealed. Whoever does not know the token
 * is refused by the first message; one who only repeats what was said before, by the second.
 */
import { FaultError } from "../../../base/fault.ts";
import { handshakeSize, type Initiator, initiate, respond, type Session } from "../noise/handshake.ts";
import { keySize, tagSize } from "../noise/primitives.ts";
import { frameReader, longestFrame, writeFrame } from "./frames.ts";
import type { Pipe } from "./pipe.ts";

export interface Channel {
  readonly who: string;
  send(value: unknown): void;
  /** The next value; undefined once it is over. */
  receive(): Promise<unknown>;
  close(): void;
  /** Why it is over; undefined while it is not. */
  readonly over: string | undefined;
}

export interface ChannelOptions {
  /** The one who calls starts the handshake. */
  readonly side: "calls" | "called";
  readonly psk: Uint8Array;
  /** Milliseconds for the handshake. */
  readonly patience?: number;
  /** Called side: first messages that were seen; one that comes again is a replay. */
  readonly seen?: Set<string>;
}

const prologue = new TextEncoder().encode("podwire peers");
/** Bytes of one value: facts of a node with thousands of listeners fit, a flood does not. */
const longestValue = 8 * 1024 * 1024;
const chunk = longestFrame - tagSize - 1;
const [LAST, MORE] = [0, 1];
const patience = 5000;

const refused = (who: string, why: string): FaultError => new FaultError({ kind: "no-answer", who, why });
const wrongToken = "knows another token, or none";

/** Resolves when both sides have proved that they know the token. @throws FaultError no-answer */
export const openChannel = (pipe: Pipe, options: ChannelOptions): Promise<Channel> =>
  new Promise((resolve, reject) => {
    const frames = frameReader();
    let session: Session | undefined;
    let proved = options.side === "calls";
    let over: string | undefined;
    let parts: Uint8Array[] = [];
    let size = 0;
    const queue: unknown[] = [];
    const waiting: ((value: unknown) => void)[] = [];

    const end = (why: string): void => {
      if (over !== undefined) return;
      over = why;
      clearTimeout(timer);
      pipe.close();
      reject(refused(pipe.who, why));
      for (const go of waiting.splice(0)) go(undefined);
    };
    const timer = setTimeout(() => end("no handshake in time"), options.patience ?? patience);
    const sendBytes = (flag: number, bytes: Uint8Array): void => {
      const plain = new Uint8Array(1 + bytes.length);
      plain[0] = flag;
      plain.set(bytes, 1);
      pipe.write(writeFrame(session!.send.seal(plain)));
    };
    const channel: Channel = {
      who: pipe.who,
      send: (value) => {
        if (over !== undefined) return;
        const bytes = new TextEncoder().encode(JSON.stringify(value));
        for (let at = 0; at === 0 || at < bytes.length; at += chunk)
          sendBytes(at + chunk < bytes.length ? MORE : LAST, bytes.subarray(at, at + chunk));
      },
      receive: () =>
        queue.length > 0 || over !== undefined
          ? Promise.resolve(queue.shift())
          : new Promise((go) => {
              waiting.push(go);
            }),
      close: () => end("closed here"),
      get over() {
        return over;
      },
    };
    const opened = (): void => {
      clearTimeout(timer);
      resolve(channel);
    };
    const give = (value: unknown): void => {
      const next = waiting.shift();
      if (next) next(value);
      else queue.push(value);
    };
    // What follows gives the reason why it is over, or nothing.
    const takePart = (frame: Uint8Array): string | undefined => {
      const plain = session!.receive.unseal(frame);
      if (!plain || plain.length === 0) return proved ? "what came was not sealed by the other side" : wrongToken;
      if (!proved) {
        // The caller's first sealed message carries nothing: it proves that the caller could make the keys.
        proved = true;
        opened();
        return undefined;
      }
      parts.push(plain.subarray(1));
      size += plain.length;
      if (size > longestValue) return "what came was too long";
      if (plain[0] === MORE) return undefined;
      const text = Buffer.concat(parts).toString("utf8");
      [parts, size] = [[], 0];
      try {
        give(JSON.parse(text));
      } catch {
        return "what came is no JSON";
      }
      return undefined;
    };
    const begin = options.side === "calls" ? initiate({ psk: options.psk, prologue }) : undefined;
    const finish = (frame: Uint8Array, { finish: close }: Initiator): string | undefined => {
      session = close(frame);
      if (!session) return wrongToken;
      sendBytes(LAST, new Uint8Array());
      opened();
      return undefined;
    };
    const answer = (frame: Uint8Array): string | undefined => {
      const key = Buffer.from(frame.subarray(0, keySize)).toString("hex");
      if (options.seen?.has(key)) return "repeats what was said before";
      const found = frame.length === handshakeSize ? respond(frame, { psk: options.psk, prologue }) : undefined;
      if (!found) return wrongToken;
      options.seen?.add(key);
      session = found.session;
      pipe.write(writeFrame(found.reply));
      return undefined;
    };

    pipe.listen((bytes) => {
      const whole = frames.take(bytes, session && proved ? longestFrame : handshakeSize);
      if (whole === "too-long") {
        end(session ? "what came was too long" : "speaks another language");
        return;
      }
      for (const frame of whole) {
        if (over !== undefined) return;
        const why = session ? takePart(frame) : begin ? finish(frame, begin) : answer(frame);
        if (why !== undefined) end(why);
      }
    }, end);
    if (begin) pipe.write(writeFrame(begin.first));
  });
