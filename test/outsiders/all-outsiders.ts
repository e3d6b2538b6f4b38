// Every outsider, in the order in which they are begun: those that take longest first.
import type { Outsider } from "./outsider.js";
import { go } from "./builders/go.js";
import { python } from "./builders/python.js";

export const allOutsiders: readonly Outsider[] = [go, python];
