/**
 * Real traffic between namespaces: a server that tells each client from which address it was seen, and a client that
 * says what it was told. Each is a process of its own inside its namespace.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { TestNetns } from "../../kernel/testing/netns.ts";
import { tryRun } from "../../kernel/testing/run.ts";

type Protocol = "tcp" | "udp";

const servers: Readonly<Record<Protocol, string>> = {
  tcp: `
    Bun.listen({ hostname: HOST, port: PORT, socket: {
      open(s) { s.end(NAME + " " + s.remoteAddress); }, data() {} } });
    console.log("ready");`,
  udp: `
    await Bun.udpSocket({ hostname: HOST, port: PORT, socket: {
      data(s, b, port, address) { s.send(NAME + " " + address, port, address); } } });
    console.log("ready");`,
};

// A refusal, or nothing for so long, are answers, too.
const clients: Readonly<Record<Protocol, string>> = {
  tcp: `
    const done = (text) => { console.log(text); process.exit(0); };
    setTimeout(() => done("timeout"), WAIT);
    Bun.connect({ hostname: HOST, port: PORT, socket: {
      data(s, b) { done(b.toString()); }, close() { done("closed"); },
      connectError(s, e) { done(e.code); } } }).catch((e) => done(e.code));`,
  udp: `
    const done = (text) => { console.log(text); process.exit(0); };
    setTimeout(() => done("timeout"), WAIT);
    const s = await Bun.udpSocket({ hostname: HOST.includes(":") ? "::" : "0.0.0.0", port: FROM,
      socket: { data(s, b) { done(b.toString()); }, error(s, e) { done(e?.code ?? "error"); } } });
    s.send("x", PORT, HOST);`,
};

const script = (text: string, values: Record<string, string | number>): string =>
  Object.entries(values).reduce((t, [key, value]) => t.replaceAll(key, JSON.stringify(value)), text);

const argv = (ns: TestNetns, text: string): readonly [string, ...string[]] => [
  "nsenter",
  `--net=${ns.path}`,
  process.execPath,
  "-e",
  text,
];

/** Listens until disposed of; answers with its name and the address that it sees. */
export const serve = async (
  ns: TestNetns,
  protocol: Protocol,
  port: number,
  name: string,
  host = "::",
): Promise<Disposable> => {
  const text = script(servers[protocol], { HOST: host, PORT: port, NAME: name });
  const [program, ...words] = argv(ns, text);
  const child: ChildProcess = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`server ${name} ended with ${code}`)));
  });
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
};

export interface AskOptions {
  /** The own port of UDP. */
  readonly from?: number;
  /** Milliseconds until silence is an answer: 5000 unless given. */
  readonly wait?: number;
}

/** What the server said: its name and the address that it saw; or an error's name, or `timeout`. */
export const ask = (
  ns: TestNetns,
  protocol: Protocol,
  host: string,
  port: number,
  options: AskOptions = {},
): string => {
  const { from = 0, wait = 5000 } = options;
  const text = script(clients[protocol], { HOST: host, PORT: port, FROM: from, WAIT: wait });
  const { stdout, stderr } = tryRun(argv(ns, text));
  if (stderr !== "") throw new Error(stderr);
  return stdout.trim().replace("::ffff:", "");
};
