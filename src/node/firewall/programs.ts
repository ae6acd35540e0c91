/** The host's own firewall managers, as programs that answer by their exit codes. */
import { FaultError } from "../../base/fault.ts";
import { hasProgram, type Ran, runProgram } from "../../kernel/os/run-program.ts";
import { exits } from "./firewalld/words.ts";
import type { ManagerName } from "./manager.ts";
import { managers } from "./managers/registry.ts";
import { shellLine } from "./words.ts";

const failed = (words: readonly string[], { exit, stderr, stdout }: Ran): FaultError => {
  const said = (stderr || stdout).trim().split("\n").join("; ");
  const why = `${shellLine(words)} ended with ${exit}: ${said}`;
  const asleep = words[0] === "firewall-cmd" && exit === exits.notRunning;
  return new FaultError({ kind: "unavailable", why, ...(asleep && { fix: "systemctl start firewalld" }) });
};

/** @throws FaultError with what the program said, unless it ended with 0 or one of `fine` */
export const must = (words: readonly string[], fine: readonly number[] = []): void => {
  const ran = runProgram(words);
  if (ran.exit !== 0 && !fine.includes(ran.exit)) throw failed(words, ran);
};

/** iptables' 4 is no permission or no memory, and no answer. */
const noAnswer = (exit: number): boolean => exit >= 4;

/** 0 is yes. @throws FaultError when it is no answer at all */
export const says = (words: readonly string[]): boolean => {
  const ran = runProgram(words);
  if (noAnswer(ran.exit)) throw failed(words, ran);
  return ran.exit === 0;
};

/** @throws FaultError not-found, with how to install what is missing */
export const needProgram = (name: ManagerName): void => {
  const { program, package: from } = managers.find((m) => m.name === name) ?? {};
  if (program === undefined || hasProgram(program)) return;
  throw new FaultError({
    kind: "not-found",
    what: `program ${program}`,
    why: `${name} rules packets here, and only ${program} can tell it something`,
    fix: `apt install ${from}`,
  });
};
