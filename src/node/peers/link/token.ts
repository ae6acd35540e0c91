/** The secret of one run, and the word that is pasted on each node: `TOKEN@HOST:PORT`. */
import { createHash, randomBytes } from "node:crypto";
import { FaultError } from "../../../base/fault.ts";
import { tryIp } from "../../../base/ip.ts";

/** Of the one who calls for the others, when nobody says otherwise: TCP for talk, UDP for packets of every size. */
export const peersPort = 7112;

/** 128 bits as 26 letters and digits that are hard to mistake (Crockford's base 32: no I, L, O, U). */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const tokenLength = 26;

export const newToken = (bytes: Uint8Array = randomBytes(16)): string => {
  let n = bytes.reduce((sum, b) => (sum << 8n) | BigInt(b), 0n);
  let out = "";
  for (let i = 0; i < tokenLength; i++) {
    out = alphabet[Number(n & 31n)]! + out;
    n >>= 5n;
  }
  return out;
};

const example = `what podwire node check --peers printed: ${tokenLength} letters and digits`;

/** Small and capital letters are the same. @throws FaultError bad-value */
export const parseToken = (text: string): string => {
  const token = text.trim().toLowerCase();
  if (token.length === tokenLength && [...token].every((c) => alphabet.includes(c))) return token;
  // What was typed may be most of a secret: it is not repeated.
  throw new FaultError({ kind: "bad-value", what: "token", got: `${token.length} characters`, want: example });
};

/** What both sides put into the handshake. */
export const pskOf = (token: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(`podwire peers ${token}`).digest());

export interface Place {
  /** Address or name. */
  readonly host: string;
  readonly port: number;
}

export interface Invitation {
  readonly token: string;
  /** Whom to call; absent: wait to be called. */
  readonly at?: Place;
}

export const placeText = ({ host, port }: Place): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

const nameLike = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** `10.0.0.1`, `node1:7112`, `[fd00::1]:7112`, `fd00::1`. @throws FaultError bad-value */
export const parsePlace = (text: string, what: string): Place => {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = six ?? four ?? text;
  const number = port === undefined ? peersPort : Number(port);
  const bad = (want: string): FaultError => new FaultError({ kind: "bad-value", what, got: text, want });
  if (number < 1 || number > 65535) throw bad("a port from 1 to 65535");
  if (tryIp(host) === undefined && !nameLike.test(host)) throw bad("an address or a name, and :PORT if need be");
  return { host, port: number };
};

export const invitationText = (token: string, place: Place): string => `${token}@${placeText(place)}`;

/** @throws FaultError bad-value */
export const parseInvitation = (text: string): Invitation => {
  const at = text.indexOf("@");
  if (at < 0) return { token: parseToken(text) };
  return { token: parseToken(text.slice(0, at)), at: parsePlace(text.slice(at + 1), "address after @") };
};
