// All kinds of fault, in the order in which they are played.
import { conflicts } from "./conflicts.js";
import type { Fault } from "./fault.js";
import { floods } from "./floods.js";
import { fullDisk } from "./full-disk.js";
import { hostile } from "./hostile.js";
import { kills } from "./kills.js";
import { network } from "./network.js";
import { stops } from "./stops.js";

export const faults: readonly Fault[] = [
  ...kills,
  ...stops,
  ...network,
  ...conflicts,
  ...fullDisk,
  ...floods,
  ...hostile,
];
