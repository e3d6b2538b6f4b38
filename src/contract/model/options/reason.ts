// `(lyceum.v1.reason)`: a reason that the method may answer with; written once for each.
import { reasonOf } from "../reasons.js";
import type { MethodOption } from "./method-option.js";

export const reason: MethodOption<readonly string[]> = {
  name: "reason",
  read(written, { meanings, refuse }) {
    const reasons = written.map((name) => reasonOf(String(name)));
    for (const name of reasons) if (!meanings.has(name)) refuse(`REASON_${name} is not in problem.proto`);
    return reasons;
  },
  reasons: (value) => value,
};
