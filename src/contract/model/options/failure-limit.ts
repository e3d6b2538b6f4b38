// `(lyceum.v1.failure_limit)`: the limit on the refused tries of one address for one value.
import type { FailureLimit } from "../../../gen/lyceum/v1/options.js";
import { last, type MethodOption } from "./method-option.js";

export const failureLimit: MethodOption<Readonly<FailureLimit> | undefined> = {
  name: "failure_limit",
  read(written, { request, refuse }) {
    const limit = last<FailureLimit>(written);
    if (limit && !request.fields[limit.field]) refuse("failure_limit counts by a field that is not there");
    return limit;
  },
  reasons: (limit) => (limit ? ["RATE_LIMITED"] : []),
  openApi: (limit) => (limit ? { retryAfterSeconds: limit.seconds } : {}),
};
