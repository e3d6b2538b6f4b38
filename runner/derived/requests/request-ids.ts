// X-Request-Id: an id of the client comes back; a text that could be anything but an id in a log is replaced.
import { derived, rotatedCodec, type Derive } from "../derivation.js";

const most = 64;
const valid = ["a", "0123456789-._ABCxyz", "x".repeat(most)];
const invalid = ["x".repeat(most + 1), "x".repeat(1000), "a b", "a;b", 'a"b', "<a>", "a/b", "${a}", "a\tb", "a,b"];

export const requestIdChecks: Derive = (derivation, rpc) => {
  // Every other method has the same, and a change would need a request of its own for each id.
  if (rpc.verb !== "GET" || rpc.isStream) return [];
  return [
    derived(derivation, rpc, "ids", "X-Request-Id", rotatedCodec(derivation, rpc), async (findings, fresh) => {
      const prepared = await fresh();
      const answersTo = async (id: string) => [
        await prepared.send({ headers: { "x-request-id": id } }),
        await prepared.send({ query: "unknown_key=1", headers: { "x-request-id": id } }),
      ];
      for (const id of valid)
        for (const { headers, curl } of await answersTo(id)) {
          const got = headers["x-request-id"];
          findings.add(`the id ${id}`, got === id ? [] : [`expected it in the answer, got ${got}`], curl);
        }
      for (const id of invalid)
        for (const { headers, curl } of await answersTo(id)) {
          const got = headers["x-request-id"] ?? "";
          const isNew = new RegExp(`^[\\w.:-]{1,${most}}$`).test(got) && got !== id;
          findings.add(
            `${JSON.stringify(id)}, which is no id`,
            isNew ? [] : [`expected another one, got ${got}`],
            curl,
          );
        }
      const [one, other] = [await prepared.send(), await prepared.send()];
      const isSame = one.headers["x-request-id"] === other.headers["x-request-id"];
      findings.add("two requests without an id", isSame ? ["they have the same"] : [], other.curl);
    }),
  ];
};
