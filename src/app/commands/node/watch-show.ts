/** `podwire node show ... --watch`: a line for each change until Ctrl-C. */
import { faultMessage, faultOf } from "../../../base/fault.ts";
import { openKernel } from "../../../net/kernel.ts";
import type { AnyNoun } from "../../../node/show/nouns/registry.ts";
import { type Place, placesOf } from "../../../node/show/show.ts";
import { follow, type Seen, seenText, watchOf } from "../../../node/show/watch.ts";
import { listenForInterrupt } from "../../cli/interrupt.ts";
import type { Io } from "../../cli/io.ts";
import type { Wanted } from "./run-show.ts";

const SIGINT_EXIT = 130;

export const watchShow = async (io: Io, { noun, asked, where, form }: Wanted): Promise<number> => {
  watchOf(noun);
  using kernel = openKernel();
  const { places, notes } = await placesOf(kernel, where);
  for (const note of notes) io.err(`${note}\n`);
  const wanted = form === "json" ? asked : { ...asked, details: true };
  using interrupt = listenForInterrupt();
  let ready = 0;
  const one = (place: Place): Promise<void> => {
    const name = place.found?.name;
    const of = name === undefined ? "" : ` of ${name}`;
    return follow(
      place,
      noun,
      wanted,
      {
        tell: (seen) => io.out(form === "json" ? jsonLine(noun, seen, name) : seenText(noun, seen, new Date(), name)),
        lost: () => io.err(`changes${of} came faster than they could be read; ${noun.name} are read anew\n`),
        ready: () => {
          if (++ready === places.length) io.err(`watching ${noun.name}; Ctrl-C ends\n`);
        },
      },
      interrupt.signal,
    ).catch((error: unknown) => {
      if (places.length === 1) throw error;
      io.err(`${name}: ${faultMessage(faultOf(error))}\n`);
    });
  };
  await Promise.all(places.map(one));
  const exit = interrupt.exit();
  return exit === SIGINT_EXIT ? 0 : exit;
};

const jsonLine = (noun: AnyNoun, { sign, row, was }: Seen, namespace: string | undefined): string =>
  `${JSON.stringify({
    time: new Date().toISOString(),
    change: sign,
    ...(namespace === undefined ? {} : { namespace }),
    kind: noun.kind,
    row,
    ...(was && { was }),
  })}\n`;
