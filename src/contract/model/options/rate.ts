// `(lyceum.v1.rate)`: how many requests of the method are taken in a time, of one caller or of one address; written once for each
// bound, such as a short and a long one.
import type { Rate } from "../../../gen/lyceum/v1/option_types.js";
import type { MethodOption } from "./method-option.js";

/** The shortest time first; empty for a method that has the bounds of the server. */
export const rate: MethodOption<readonly Readonly<Rate>[]> = {
  name: "rate",
  read(written, { isPublic, refuse }) {
    const rates = written as Rate[];
    // A school has one address: who is logged in is counted as a person.
    const by = isPublic ? "RATE_BY_ADDRESS" : "RATE_BY_CALLER";
    for (const each of rates) {
      if (!(each.requests > 0) || !(each.seconds > 0)) refuse("rate needs requests and seconds, at least one of each");
      if (each.by !== by) refuse(`rate counts ${String(each.by)}, where a method with this access has ${by}`);
    }
    const sorted = [...rates].sort((a, b) => a.seconds - b.seconds);
    sorted.slice(1).forEach(({ requests, seconds }, index) => {
      const shorter = sorted[index]!;
      if (seconds === shorter.seconds) refuse(`rate has two bounds for ${seconds} seconds`);
      if (requests <= shorter.requests) refuse(`rate allows no more in ${seconds} seconds than in ${shorter.seconds}`);
      if (requests / seconds >= shorter.requests / shorter.seconds)
        refuse(`rate has a bound for ${seconds} seconds that is reached by none who keeps that for ${shorter.seconds}`);
    });
    return sorted;
  },
  reasons: (rates) => (rates.length > 0 ? ["RATE_LIMITED"] : []),
  openApi(rates) {
    if (rates.length === 0) return {};
    const who = rates[0]!.by === "RATE_BY_ADDRESS" ? "from one network address" : "by one person";
    const bounds = rates.map(({ requests, seconds }) => `${requests} requests in ${seconds} seconds`);
    return { description: `**Rate:** ${bounds.join(" and ")} ${who}; an operator may allow more.` };
  },
};
