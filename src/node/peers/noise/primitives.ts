/** What Noise is made of, from the run-time's own library: X25519, AES-256-GCM, SHA-256 and HKDF as the specification has it. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
} from "node:crypto";

export type Bytes = Uint8Array;

export const keySize = 32;
export const tagSize = 16;

export const concat = (...parts: readonly Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts));
export const sha256 = (...parts: readonly Bytes[]): Bytes =>
  new Uint8Array(
    createHash("sha256")
      .update(concat(...parts))
      .digest(),
  );
const hmac = (key: Bytes, data: Bytes): Bytes => new Uint8Array(createHmac("sha256", key).update(data).digest());

/** HKDF(chaining key, input) with `n` outputs (specification, section 4.3). */
export const hkdf = (chainingKey: Bytes, input: Bytes, n: 2 | 3): Bytes[] => {
  const secret = hmac(chainingKey, input);
  const out: Bytes[] = [];
  for (let i = 1; i <= n; i++) out.push(hmac(secret, concat(out.at(-1) ?? new Uint8Array(), Uint8Array.of(i))));
  return out;
};

/** RFC 8410: what stands before the 32 bytes of an X25519 key. */
const pkcs8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const spki = Buffer.from("302a300506032b656e032100", "hex");
const basePoint = new Uint8Array(keySize).with(0, 9);

const publicKeyOf = (bytes: Bytes) =>
  createPublicKey({ key: Buffer.concat([spki, bytes]), format: "der", type: "spki" });
const privateKeyOf = (bytes: Bytes) =>
  createPrivateKey({ key: Buffer.concat([pkcs8, bytes]), format: "der", type: "pkcs8" });

export interface KeyPair {
  readonly secret: Bytes;
  readonly open: Bytes;
}

export const keyPair = (secret: Bytes = new Uint8Array(randomBytes(keySize))): KeyPair => ({
  secret,
  open: new Uint8Array(diffieHellman({ privateKey: privateKeyOf(secret), publicKey: publicKeyOf(basePoint) })),
});

/** Undefined for a point of small order: the secret would be known to everybody. */
export const agree = (own: KeyPair, other: Bytes): Bytes | undefined => {
  try {
    const shared = diffieHellman({ privateKey: privateKeyOf(own.secret), publicKey: publicKeyOf(other) });
    return shared.every((b) => b === 0) ? undefined : new Uint8Array(shared);
  } catch {
    return undefined;
  }
};

/** 32 bits of zeros and the counter in big-endian (specification, section 12.4). */
const nonceOf = (counter: number): Bytes => {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(counter));
  return nonce;
};

export const seal = (key: Bytes, counter: number, ad: Bytes, plain: Bytes): Bytes => {
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(counter)).setAAD(ad);
  return concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
};

/** Undefined when it is not what was sealed with this key, counter and associated data. */
export const unseal = (key: Bytes, counter: number, ad: Bytes, sealed: Bytes): Bytes | undefined => {
  if (sealed.length < tagSize) return undefined;
  const end = sealed.length - tagSize;
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, nonceOf(counter)).setAAD(ad);
    cipher.setAuthTag(sealed.subarray(end));
    return concat(cipher.update(sealed.subarray(0, end)), cipher.final());
  } catch {
    return undefined;
  }
};
