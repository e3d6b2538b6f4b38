// A clock for bounds on time. On a busy machine a program waits for a processor, which says nothing about the program.

/** The clock is read so often, in milliseconds; a longer gap in which this process did not work was a wait for a processor. */
const beatMs = 5;

let passed = 0;
let at = performance.now();
let worked = workMs();

/**
 * The time in milliseconds by a clock that stands still while this process waits for a processor, as programs beside it then
 * do too. With a free processor it runs like `performance.now()`; it never runs faster. It has run since this module was loaded.
 */
export function fairNow(): number {
  const [now, work] = [performance.now(), workMs()];
  passed += Math.min(now - at, Math.max(2 * beatMs, work - worked));
  [at, worked] = [now, work];
  return passed;
}

function workMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

setInterval(fairNow, beatMs).unref();
