/** A page's commands, run for real in a throwaway namespace. */
import { join } from "node:path";
import { throwawayCommand } from "../throwaway.mjs";
import { capture, root } from "../words.mjs";
import { sameOutput, stepsOf } from "./console.mjs";

/** What each command of the page prints now. @throws Error when one could not run, or something was left behind */
export const outputsOf = (page) => {
  const session = join(root, "scripts", "docs", "session.mjs");
  const [command, ...args] = throwawayCommand(process.execPath, [session]);
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const done = capture(command, args, { input: JSON.stringify(stepsOf(page)), stdio: "pipe", env });
  if (done.code !== 0) throw new Error(done.text.replace(done.out, ""));
  return JSON.parse(done.out);
};

const quote = (text) => text.replace(/^/gm, "    ");

/** Where the page says something else than its commands do. */
export const differencesOf = (page, outputs) =>
  stepsOf(page)
    .filter((step) => step.do === "run")
    .flatMap(({ command, output }, i) =>
      sameOutput(output, outputs[i])
        ? []
        : [`$ ${command}\n  the page says:\n${quote(output)}\n  it prints:\n${quote(outputs[i])}`],
    );
