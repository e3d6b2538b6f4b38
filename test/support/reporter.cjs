// Mocha's Spec, and one line at the end for whoever only wants the count.
"use strict";
const { reporters, Runner } = require("mocha");

class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    // Spec prints its epilogue at the same event, and was there first.
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const skipped = pending > 0 ? `, ${pending} skipped` : "";
      console.log(`${passes} passed, ${failures} failed${skipped}`);
    });
  }
}

module.exports = Reporter;
