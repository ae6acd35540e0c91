/** Classic BPF programs for socket filters (linux/filter.h, linux/bpf_common.h). Pure. */
import { concatBytes } from "../../base/bytes.ts";
import { u8, u16, u32 } from "./codec.ts";

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. Jumps count instructions after this one. */
const instruction = (code: number, k: number, ifTrue = 0, ifFalse = 0): Uint8Array =>
  concatBytes([u16.write(code), u8.write(ifTrue), u8.write(ifFalse), u32.write(k)]);

/** ldb [k], ldh [k], ldh [x+k], ldxb 4*([k]&0xf), jeq k, jset k, ret k. */
const [LDB, LDH, LDH_X, LDX_HEADER, JEQ, JSET, RET] = [0x30, 0x28, 0x48, 0xb1, 0x15, 0x45, 0x06];
const UDP = 17;

/** Passes UDP over IPv4 to a port, unfragmented, on a socket whose packets begin with the IP header. */
export const udpTo = (port: number): Uint8Array =>
  concatBytes([
    instruction(LDB, 9),
    instruction(JEQ, UDP, 0, 6),
    instruction(LDH, 6),
    instruction(JSET, 0x1fff, 4, 0),
    instruction(LDX_HEADER, 0),
    instruction(LDH_X, 2),
    instruction(JEQ, port, 0, 1),
    instruction(RET, 0xffffffff),
    instruction(RET, 0),
  ]);
