/** The one who coordinates: says what to paste on the other nodes, waits for them, and has everyone try everyone. */
import { systemClock } from "../../../base/clock.ts";
import { parseDuration } from "../../../base/duration.ts";
import { FaultError, faultMessage, faultOf } from "../../../base/fault.ts";
import type { Ip } from "../../../base/ip.ts";
import type { Asked } from "../../../node/asked.ts";
import type { Host } from "../../../node/host.ts";
import { type Gathering, openGathering } from "../../../node/peers/gather.ts";
import { call } from "../../../node/peers/link/call.ts";
import { type Channel, openChannel } from "../../../node/peers/link/channel.ts";
import { keepDoor } from "../../../node/peers/link/door-keeper.ts";
import type { Program } from "../../../node/peers/link/program.ts";
import { startBySsh } from "../../../node/peers/link/ssh.ts";
import { invitationText, newToken, parsePlace, parseToken, pskOf } from "../../../node/peers/link/token.ts";
import type { Found } from "../../../node/peers/run/found.ts";
import { type Joined, runBetweenPeers } from "../../../node/peers/run/run.ts";
import { factsOf, placesOf } from "../../../node/peers/talk/facts.ts";
import { localPeer, remotePeer } from "../../../node/peers/talk/peer.ts";
import { listenForInterrupt } from "../../cli/interrupt.ts";
import type { Io } from "../../cli/io.ts";
import { version } from "../../cli/version.ts";
import { countOf, portOf } from "./asked.ts";
import { type PeersOptions, parseSshTarget } from "./peers-options.ts";

const describe = ({ facts }: Joined): string =>
  `${facts.node} (${facts.roles[0]}, ${facts.addresses.join(", ") || "no address"})`;

/** Clears the line that progress was written on. */
const clear = "\r\u001b[K";

/** What was found; or the exit status, when the user has had enough. @throws FaultError busy, no-answer, bad-value */
export const coordinate = async (host: Host, asked: Asked, o: PeersOptions, io: Io): Promise<Found | number> => {
  const say = (line: string): void => io.err(`${line}\n`);
  const token = o.token === undefined ? newToken() : parseToken(o.token);
  const psk = pskOf(token);
  const targets = o.ssh.map(parseSshTarget);
  const places = o.call.map((text) => parsePlace(text, "--call"));
  const expected = o.expect === undefined ? undefined : countOf("--expect", o.expect);
  const waitMs = parseDuration(o.wait ?? "15m", "--wait");
  const port = portOf("--port", o.port);
  if (places.length > 0 && o.token === undefined)
    throw new FaultError({
      kind: "bad-value",
      what: "--call",
      got: "no --token",
      want: "the token of the waiting nodes",
    });

  const started: Program[] = [];
  const gathering = openGathering(({ who, why }) => say(`${who}: ${why}`));
  using interrupt = listenForInterrupt();
  using changed = wakeable(interrupt.signal);
  let own: Ip | undefined = asked.nodeIp;
  const welcome = async (peer: ReturnType<typeof remotePeer>): Promise<void> => {
    const one = await gathering.welcome(peer);
    if (one) say(`${describe(one)} is here`);
    changed.wake();
  };
  const keeper = o.peers
    ? await keepDoor({
        port,
        psk,
        onChannel: (channel, at) => {
          own ??= at;
          void welcome(remotePeer(channel));
        },
        onRefused: (address, why) => say(`refused ${address}: ${why}`),
      })
    : undefined;
  try {
    if (keeper) sayInvitation(host, token, keeper.port, asked.nodeIp, say);
    const called = [
      ...places.map((place) => call(place, psk).then(({ channel }) => channel)),
      ...targets.map(({ target, role }) => bySsh(target, role, token, io, started)),
    ];
    const names = [...o.call, ...targets.map((t) => t.target)];
    let open = called.length;
    called.forEach((opening, i) => {
      opening
        .then(
          (channel) => welcome(remotePeer(channel)),
          (error: unknown) => gathering.miss({ who: names[i]!, why: faultMessage(faultOf(error)) }),
        )
        .finally(() => {
          open--;
          changed.wake();
        });
    });
    const enough = (): boolean =>
      open === 0 &&
      (keeper === undefined || (expected !== undefined && gathering.joined.length >= expected + called.length));
    if (!(await waitFor(enough, changed, waitMs, keeper !== undefined, io, say, expected !== undefined)))
      return interrupt.exit();
    return await run(
      host,
      asked,
      gathering,
      own,
      expected === undefined ? {} : { expected: expected + called.length },
      io,
    );
  } finally {
    keeper?.close();
    gathering.stop();
    for (const { peer } of gathering.joined) peer.close();
    await Promise.all(started.map((program) => program.ended()));
  }
};

const run = (
  host: Host,
  asked: Asked,
  gathering: Gathering,
  own: Ip | undefined,
  counted: { readonly expected?: number },
  io: Io,
): Promise<Found> => {
  const facts = () => factsOf(host, { roles: asked.roles, version, ...(own === undefined ? {} : { wanted: own }) });
  const here: Joined = { peer: localPeer({ ns: host.ns, facts }, systemClock), facts: facts() };
  if (gathering.joined.length === 0) {
    here.peer.close();
    const lost = gathering.lost.map(({ who, why }) => `${who}: ${why}`).join("; ");
    throw new FaultError({ kind: "no-answer", who: "other node", why: lost || "none came" });
  }
  const onStep = (what: string): void => (io.progress ? io.err(`${clear}${what}`) : undefined);
  return runBetweenPeers([here, ...gathering.joined], {
    networks: asked.networks,
    clock: systemClock,
    onStep,
    lost: gathering.lost,
    ...counted,
  }).finally(() => (io.progress ? io.err(clear) : undefined));
};

const sayInvitation = (
  host: Host,
  token: string,
  port: number,
  nodeIp: Ip | undefined,
  say: (line: string) => void,
): void => {
  const at = nodeIp ?? placesOf(host)[0];
  if (at === undefined)
    throw new FaultError({ kind: "unavailable", why: "this node has no address that others reach" });
  say("Paste this on each other node, with the role that it has:\n");
  say(`  podwire node listen ${invitationText(token, { host: at, port })} --role worker\n`);
};

const bySsh = async (target: string, role: string, token: string, io: Io, started: Program[]): Promise<Channel> => {
  const args = ["node", "listen", "--stdio", "--role", role];
  const program = await startBySsh({ target, args, env: io.env, executable: process.execPath });
  started.push(program);
  await program.write(new TextEncoder().encode(`${token}\n`));
  return openChannel(program.pipe, { side: "calls", psk: pskOf(token) });
};

interface Wakeable extends Disposable {
  wake(): void;
  /** Until the next `wake`, at most so long. False when it was interrupted. */
  next(ms: number): Promise<boolean>;
}

const wakeable = (signal: AbortSignal): Wakeable => {
  let go = (): void => {};
  const wake = (): void => go();
  signal.addEventListener("abort", wake);
  return {
    wake,
    next: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(wake, ms);
        go = () => {
          clearTimeout(timer);
          resolve(!signal.aborted);
        };
        if (signal.aborted) go();
      }),
    [Symbol.dispose]: () => signal.removeEventListener("abort", wake),
  };
};

/** Until all are there, Enter is pressed, or the time is over. False when it was interrupted. */
const waitFor = async (
  enough: () => boolean,
  changed: Wakeable,
  waitMs: number,
  open: boolean,
  io: Io,
  say: (line: string) => void,
  counted: boolean,
): Promise<boolean> => {
  const until = performance.now() + waitMs;
  let entered = false;
  const enter = (): void => {
    entered = true;
    changed.wake();
  };
  const asks = open && io.progress && process.stdin.isTTY;
  if (open && !asks && !counted) say("It starts when --wait is over; --expect N starts when N others are here.");
  if (asks) {
    say("Enter starts with those who are here.");
    process.stdin.on("data", enter);
  }
  try {
    while (!enough() && !entered) {
      const left = until - performance.now();
      if (left <= 0) break;
      if (!(await changed.next(left))) return false;
    }
    return true;
  } finally {
    if (asks) {
      process.stdin.off("data", enter);
      process.stdin.pause();
    }
  }
};
