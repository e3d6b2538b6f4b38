// The cost of finding a route among 200 routes and among 20, which must be the same.
import type { Method } from "../src/contract/model/method.js";
import { router } from "../src/contract/route.js";

/** Prints the cost of a look-up among 200 routes, and its ratio to that among 20. */
export function measureRoutes(): void {
  const [few, many] = [20, 200].map((count) => {
    const routes = router(Array.from({ length: count }, (_, index) => methodAt(`/v1/things${index}/{thing_id}/parts`)));
    return Array.from({ length: 9 }, () => nanoseconds(() => routes(`/v1/things${count - 1}/17/parts`))).sort(
      (a, b) => a - b,
    )[4]!;
  });
  console.log(
    `finding a route: 20 routes ${few!.toFixed(0)} ns, 200 routes ${many!.toFixed(0)} ns, ratio ${(many! / few!).toFixed(2)}`,
  );
}

function methodAt(path: string): Method {
  return { verb: "GET", path } as Method;
}

function nanoseconds(work: () => unknown): number {
  const times = 200_000;
  const start = process.hrtime.bigint();
  for (let index = 0; index < times; index++) work();
  return Number(process.hrtime.bigint() - start) / times;
}
