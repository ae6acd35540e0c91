/**
 * Noise_NNpsk0_25519_AESGCM_SHA256 (noiseprotocol.org, revision 34): two sides that share a secret agree on keys that
 * nobody learns who learns the secret later. Without the secret, the first message is refused before any costly arithmetic:
 *
 *   -> psk, e
 *   <- e, ee
 */
import {
  agree,
  type Bytes,
  concat,
  hkdf,
  type KeyPair,
  keyPair,
  keySize,
  seal,
  sha256,
  tagSize,
  unseal,
} from "./primitives.ts";

const protocol = new TextEncoder().encode("Noise_NNpsk0_25519_AESGCM_SHA256");
const none = new Uint8Array();

/** Bytes of a handshake message without payload. */
export const handshakeSize = keySize + tagSize;

/** One direction: each message has the next counter, so that none is lost, doubled or moved unseen. */
export interface Cipher {
  seal(plain: Bytes): Bytes;
  /** Undefined when it was not sealed by the other side as its next message. */
  unseal(sealed: Bytes): Bytes | undefined;
}

const cipherOf = (key: Bytes): Cipher => {
  let counter = 0;
  return {
    seal: (plain) => seal(key, counter++, none, plain),
    unseal: (sealed) => {
      const plain = unseal(key, counter, none, sealed);
      if (plain) counter++;
      return plain;
    },
  };
};

export interface Session {
  readonly send: Cipher;
  readonly receive: Cipher;
  /** The same on both sides, and of this session alone. */
  readonly hash: Bytes;
  /** What came with the other side's handshake message. */
  readonly payload: Bytes;
}

/** The specification's SymmetricState; a key is there after the first mix. */
const symmetricState = (psk: Bytes, prologue: Bytes) => {
  let chainingKey: Bytes = protocol;
  let hash: Bytes = sha256(protocol, prologue);
  let key: Bytes = none;
  let counter = 0;
  const mixHash = (data: Bytes): void => {
    hash = sha256(hash, data);
  };
  const mixKey = (input: Bytes): void => {
    [chainingKey, key] = hkdf(chainingKey, input, 2) as [Bytes, Bytes];
    counter = 0;
  };
  const [ck, mixed, first] = hkdf(chainingKey, psk, 3) as [Bytes, Bytes, Bytes];
  [chainingKey, key] = [ck, first];
  mixHash(mixed);
  return {
    mixKey,
    /** An ephemeral key in a handshake with a shared secret goes into hash and key. */
    mixEphemeral: (open: Bytes): void => {
      mixHash(open);
      mixKey(open);
    },
    seal: (plain: Bytes): Bytes => {
      const sealed = seal(key, counter++, hash, plain);
      mixHash(sealed);
      return sealed;
    },
    unseal: (sealed: Bytes): Bytes | undefined => {
      const plain = unseal(key, counter++, hash, sealed);
      if (plain) mixHash(sealed);
      return plain;
    },
    split: (): { first: Cipher; second: Cipher; hash: Bytes } => {
      const [one, two] = hkdf(chainingKey, none, 2) as [Bytes, Bytes];
      return { first: cipherOf(one), second: cipherOf(two), hash };
    },
  };
};

export interface Asked {
  /** 32 bytes. */
  readonly psk: Bytes;
  /** What both sides must have the same, besides. */
  readonly prologue: Bytes;
  readonly payload?: Bytes;
  /** For tests alone: the ephemeral key is a new one each time. */
  readonly ephemeral?: KeyPair;
}

export interface Initiator {
  readonly first: Bytes;
  /** Undefined when the other side does not know the secret. */
  finish(reply: Bytes): Session | undefined;
}

export const initiate = ({ psk, prologue, payload = none, ephemeral = keyPair() }: Asked): Initiator => {
  const state = symmetricState(psk, prologue);
  state.mixEphemeral(ephemeral.open);
  return {
    first: concat(ephemeral.open, state.seal(payload)),
    finish: (reply) => {
      if (reply.length < handshakeSize) return undefined;
      const theirs = reply.subarray(0, keySize);
      const shared = agree(ephemeral, theirs);
      if (!shared) return undefined;
      state.mixEphemeral(theirs);
      state.mixKey(shared);
      const said = state.unseal(reply.subarray(keySize));
      if (!said) return undefined;
      const { first, second, hash } = state.split();
      return { send: first, receive: second, hash, payload: said };
    },
  };
};

export interface Responder {
  readonly reply: Bytes;
  readonly session: Session;
}

/** Undefined when the other side does not know the secret. */
export const respond = (first: Bytes, { psk, prologue, payload = none, ephemeral }: Asked): Responder | undefined => {
  if (first.length < handshakeSize) return undefined;
  const state = symmetricState(psk, prologue);
  const theirs = first.subarray(0, keySize);
  state.mixEphemeral(theirs);
  const said = state.unseal(first.subarray(keySize));
  if (!said) return undefined;
  const own = ephemeral ?? keyPair();
  const shared = agree(own, theirs);
  if (!shared) return undefined;
  state.mixEphemeral(own.open);
  state.mixKey(shared);
  const reply = concat(own.open, state.seal(payload));
  const { first: one, second: two, hash } = state.split();
  return { reply, session: { send: two, receive: one, hash, payload: said } };
};
