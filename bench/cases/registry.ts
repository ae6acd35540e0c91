/** Every case of the bench. */
import type { Case } from "../harness.ts";
import { addDel } from "./add-del.ts";
import { bandwidth } from "./bandwidth.ts";
import { chain } from "./chain.ts";
import { datapath } from "./datapath.ts";
import { hostLocal } from "./host-local.ts";
import { hostPorts } from "./host-ports.ts";
import { lab } from "./lab.ts";
import { many } from "./many.ts";
import { show } from "./show.ts";
import { verify } from "./verify.ts";

export const cases: readonly Case[] = [
  addDel,
  many,
  chain,
  hostPorts,
  hostLocal,
  lab,
  verify,
  show,
  datapath,
  bandwidth,
];
