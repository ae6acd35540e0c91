/** Unary gRPC calls over a unix socket, and as much of protobuf's wire format as they need. */
import { connect } from "node:http2";
import { connect as connectSocket } from "node:net";

/** Field number and value. A number is a varint; a list of fields is a message inside; empty ones go as they are. */
export type Field = readonly [number, string | number | Message];
export type Message = readonly Field[];

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];

export const encode = (message: Message): Buffer =>
  Buffer.concat(
    message.map(([number, value]) => {
      if (typeof value === "number") return Buffer.from([...varint(number << 3), ...varint(value)]);
      const bytes = typeof value === "string" ? Buffer.from(value) : encode(value);
      return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
    }),
  );

export interface Fields {
  /** The first value of a field; 0, "" or no fields when it is not there, as protobuf 3 has it. */
  number(field: number): number;
  text(field: number): string;
  message(field: number): Fields;
  /** Each value of a repeated message. */
  messages(field: number): Fields[];
}

export const decode = (bytes: Buffer): Fields => {
  const found: { field: number; value: number | Buffer }[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("the message ends inside a number");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const field = tag >> 3;
    if ((tag & 7) === 0) found.push({ field, value: next() });
    else if ((tag & 7) === 2) {
      const length = next();
      found.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${tag & 7} of field ${field} is not expected`);
  }
  const all = (field: number) => found.filter((f) => f.field === field).map((f) => f.value);
  const buffers = (field: number) => all(field).filter((v) => Buffer.isBuffer(v));
  return {
    number: (field) => Number(all(field)[0] ?? 0),
    text: (field) => buffers(field)[0]?.toString() ?? "",
    message: (field) => decode(buffers(field)[0] ?? Buffer.alloc(0)),
    messages: (field) => buffers(field).map(decode),
  };
};

export interface Grpc extends Disposable {
  /** `method` is `package.Service/Method`. @throws Error with the status and message of the other side */
  call(method: string, request: Message): Promise<Fields>;
}

/** A frame: a byte that says "not compressed", the length in four bytes, the message. */
const frame = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

export const openGrpc = (socket: string): Grpc => {
  const session = connect("http://localhost", { createConnection: () => connectSocket(socket) });
  const call = (method: string, request: Message): Promise<Fields> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": `/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const parts: Buffer[] = [];
      let ended: Record<string, unknown> = {};
      // An error without an answer comes with the headers.
      const keep = (headers: Record<string, unknown>): void => {
        ended = headers;
      };
      stream.on("response", keep);
      stream.on("trailers", keep);
      stream.on("data", (part: Buffer) => void parts.push(part));
      stream.on("error", reject);
      stream.on("end", () => {
        if (ended["grpc-status"] === "0") resolve(decode(Buffer.concat(parts).subarray(5)));
        else
          reject(new Error(`${method}: ${ended["grpc-status"]} ${decodeURIComponent(String(ended["grpc-message"]))}`));
      });
      stream.end(frame(encode(request)));
    });
  return { call, [Symbol.dispose]: () => session.destroy() };
};
