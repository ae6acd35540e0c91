import { expect, test } from "bun:test";
import { openChannel } from "./channel.ts";
import { type Pipe, pipePair } from "./pipe.ts";
import { newToken, pskOf } from "./token.ts";

const psk = pskOf(newToken());

const openPair = async () => {
  const [a, b] = pipePair();
  return Promise.all([openChannel(a, { side: "calls", psk }), openChannel(b, { side: "called", psk })]);
};
const why = (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => "opened",
    (error) => String(error.message),
  );

test("values go both ways, in order, however long", async () => {
  const [one, two] = await openPair();
  const long = { text: "가".repeat(200_000), more: [1, null, true] };
  one.send(long);
  one.send(2);
  two.send({ back: true });
  expect(await two.receive()).toEqual(long);
  expect(await two.receive()).toBe(2);
  expect(await one.receive()).toEqual({ back: true });
});

test("when one side ends, the other side's waiting ends too", async () => {
  const [one, two] = await openPair();
  const next = two.receive();
  one.close();
  expect(await next).toBeUndefined();
  expect(two.over).toBe("the connection was closed");
});

test("who knows another token is refused, and told apart from silence", async () => {
  const [a, b] = pipePair();
  const other = openChannel(a, { side: "calls", psk: pskOf(newToken()) });
  expect(await why(openChannel(b, { side: "called", psk }))).toContain("knows another token, or none");
  expect(await why(other)).toContain("the connection was closed");
  const [silent, heard] = pipePair();
  expect(await why(openChannel(heard, { side: "called", psk, patience: 20 }))).toContain("no handshake in time");
  silent.close();
});

test("garbage is refused by its first bytes", async () => {
  for (const garbage of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00", "SSH-2.0-x\r\n"]) {
    const [a, b] = pipePair();
    const opening = openChannel(b, { side: "called", psk });
    a.write(Buffer.from(garbage));
    expect(await why(opening)).toContain("speaks another language");
  }
});

/** Sees what goes through. */
const tapped = (pipe: Pipe, heard: Uint8Array[]): Pipe => ({
  ...pipe,
  write: (bytes) => {
    heard.push(bytes);
    pipe.write(bytes);
  },
});

test("what was heard once and is said again is refused, with and without a memory", async () => {
  const heard: Uint8Array[] = [];
  const seen = new Set<string>();
  const [a, b] = pipePair();
  const [one] = await Promise.all([
    openChannel(tapped(a, heard), { side: "calls", psk }),
    openChannel(b, { side: "called", psk, seen }),
  ]);
  one.send("secret");
  expect(heard.some((bytes) => Buffer.from(bytes).includes("secret"))).toBe(false);
  const [again, third] = pipePair();
  const opening = openChannel(third, { side: "called", psk, seen });
  for (const bytes of heard) again.write(bytes);
  expect(await why(opening)).toContain("repeats what was said before");
  const [once, fourth] = pipePair();
  const forgetful = openChannel(fourth, { side: "called", psk });
  for (const bytes of heard) once.write(bytes);
  expect(await why(forgetful)).toMatch(/knows another token|too long/);
});
