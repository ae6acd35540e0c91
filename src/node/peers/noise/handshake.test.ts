import { expect, test } from "bun:test";
import { hex, unhex } from "../../../base/bytes.ts";
import { handshakeSize, initiate, respond } from "./handshake.ts";
import { agree, keyPair } from "./primitives.ts";

/** Noise_NNpsk0_25519_AESGCM_SHA256 of the test vectors that the authors of Haskell's Cacophony published. */
const vector = {
  prologue: "4a6f686e2047616c74",
  psk: "54686973206973206d7920417573747269616e20706572737065637469766521",
  initiator: "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
  responder: "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
  hash: "9f3b1f9afd7767767b5b9d1069844a6154fdbdcc36dfb3e31c0fffc5c973d530",
  messages: [
    [
      "4c756477696720766f6e204d69736573",
      "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944" +
        "7c37a89fc17813788d30df2d59501d6066f5f8aecc3406bbd9829f2d24a531b1",
    ],
    [
      "4d757272617920526f746862617264",
      "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843" +
        "2f29d79368ef9de4e1ae7a362fb05bf0ad668e026bf5714554497b3a720461",
    ],
    ["462e20412e20486179656b", "7c01e898a6201f36aecee532e29cd0b7f8ffa29d3366ad0dce39a6"],
    ["4361726c204d656e676572", "a9ff535aace3db6a1da1a7fb00fe2de2622bb373abad9fb42c00e0"],
    ["4a65616e2d426170746973746520536179", "6cfc49a3e65472edc2d0152abe5ce950170a8a47c959f30bd48b5f0aacf29adbfd"],
    [
      "457567656e2042f6686d20766f6e2042617765726b",
      "9bc86e6d974ed21ba04604a94aa68de21677eb409ead070c0cd569b069ee19ba142aa4c1a9",
    ],
  ],
} as const;

const asked = { psk: unhex(vector.psk), prologue: unhex(vector.prologue) };
const payloadOf = (i: number) => unhex(vector.messages[i]![0]);
const sealedOf = (i: number) => unhex(vector.messages[i]![1]);

test("the published vector comes out byte for byte, both ways", () => {
  const one = initiate({ ...asked, payload: payloadOf(0), ephemeral: keyPair(unhex(vector.initiator)) });
  expect(hex(one.first)).toBe(vector.messages[0][1]);
  const two = respond(one.first, { ...asked, payload: payloadOf(1), ephemeral: keyPair(unhex(vector.responder)) })!;
  expect(hex(two.reply)).toBe(vector.messages[1][1]);
  expect(two.session.payload).toEqual(payloadOf(0));
  const session = one.finish(two.reply)!;
  expect(session.payload).toEqual(payloadOf(1));
  expect([hex(session.hash), hex(two.session.hash)]).toEqual([vector.hash, vector.hash]);
  for (const [i] of vector.messages.entries()) {
    if (i < 2) continue;
    const [from, to] = i % 2 === 0 ? [session, two.session] : [two.session, session];
    const sealed = from.send.seal(payloadOf(i));
    expect(hex(sealed)).toBe(hex(sealedOf(i)));
    expect(to.receive.unseal(sealed)).toEqual(payloadOf(i));
  }
});

test("another secret, another prologue and a changed bit are refused with the first message", () => {
  const { first } = initiate(asked);
  expect(respond(first, asked)).toBeDefined();
  expect(respond(first, { ...asked, psk: new Uint8Array(32) })).toBeUndefined();
  expect(respond(first, { ...asked, prologue: new Uint8Array() })).toBeUndefined();
  for (const at of [0, 31, 32, handshakeSize - 1])
    expect(respond(first.with(at, first[at]! ^ 1), asked)).toBeUndefined();
  for (const n of [0, 31, 47]) expect(respond(first.subarray(0, n), asked)).toBeUndefined();
});

test("a reply of one who does not know the secret is refused", () => {
  const one = initiate(asked);
  const two = respond(one.first, asked)!;
  expect(initiate(asked).finish(two.reply)).toBeUndefined();
  expect(one.finish(two.reply.with(40, two.reply[40]! ^ 1))).toBeUndefined();
});

test("a message twice, out of order or changed is refused", () => {
  const one = initiate(asked);
  const two = respond(one.first, asked)!;
  const session = one.finish(two.reply)!;
  const [a, b] = [session.send.seal(unhex("01")), session.send.seal(unhex("02"))];
  expect(two.session.receive.unseal(b)).toBeUndefined();
  expect(two.session.receive.unseal(a)).toEqual(unhex("01"));
  expect(two.session.receive.unseal(a)).toBeUndefined();
  expect(two.session.receive.unseal(b.with(0, b[0]! ^ 1))).toBeUndefined();
  expect(two.session.receive.unseal(b)).toEqual(unhex("02"));
});

test("a first message that is heard again leads nowhere: its sender cannot make the keys", () => {
  const one = initiate(asked);
  const first = respond(one.first, asked)!;
  const again = respond(one.first, asked)!;
  const session = one.finish(first.reply)!;
  expect(again.session.receive.unseal(session.send.seal(unhex("01")))).toBeUndefined();
});

test("points of small order are refused", () => {
  expect(agree(keyPair(), new Uint8Array(32))).toBeUndefined();
  expect(agree(keyPair(), new Uint8Array(32).with(0, 1))).toBeUndefined();
});
