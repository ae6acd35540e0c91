/**
 * The MAC address that systemd gives a link of software's making (MACAddressPolicy=persistent, systemd.link(5)): made of the
 * machine-id and the link's name alone, so that copies of a machine all have the same. Pure.
 */
const mask = (1n << 64n) - 1n;
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & mask;

/** Eight bytes, or fewer at the end, with the lowest first. */
const word = (b: Uint8Array, at: number): bigint => {
  let n = 0n;
  for (let i = 7; i >= 0; i--) n = (n << 8n) | BigInt(b[at + i] ?? 0);
  return n;
};

/** SipHash-2-4 (Aumasson and Bernstein, 2012). @param key 16 bytes */
export const sipHash24 = (key: Uint8Array, data: Uint8Array): bigint => {
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let [a, b, c, d] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const rounds = (n: number): void => {
    for (let i = 0; i < n; i++) {
      a = (a + b) & mask;
      c = (c + d) & mask;
      b = rotate(b, 13n) ^ a;
      d = rotate(d, 16n) ^ c;
      a = rotate(a, 32n);
      c = (c + b) & mask;
      a = (a + d) & mask;
      b = rotate(b, 17n) ^ c;
      d = rotate(d, 21n) ^ a;
      c = rotate(c, 32n);
    }
  };
  const eat = (m: bigint): void => {
    d ^= m;
    rounds(2);
    a ^= m;
  };
  const whole = data.length - (data.length % 8);
  for (let at = 0; at < whole; at += 8) eat(word(data, at));
  eat(word(data.subarray(whole), 0) | (BigInt(data.length & 255) << 56n));
  c ^= 0xffn;
  rounds(4);
  return a ^ b ^ c ^ d;
};

/** systemd's constant for this purpose. */
const key = new Uint8Array(Buffer.from("d31e48fa90fe4b4c9dafd5d7a1b12e8a", "hex"));

/** @param machineId 32 hexadecimal digits; undefined for another */
export const persistentMac = (machineId: string, link: string): string | undefined => {
  if (!/^[0-9a-f]{32}$/.test(machineId)) return undefined;
  let hash = sipHash24(key, new Uint8Array(Buffer.concat([Buffer.from(machineId, "hex"), Buffer.from(link)])));
  const mac = new Uint8Array(6);
  for (let i = 0; i < 6; i++, hash >>= 8n) mac[i] = Number(hash & 255n);
  // Of one card, and locally administered.
  mac[0] = (mac[0]! & 0xfe) | 2;
  return Buffer.from(mac)
    .toString("hex")
    .replace(/..(?=.)/g, "$&:");
};
