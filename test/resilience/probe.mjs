// Loaded before the server, to bring about what no request can: SIGUSR2 makes a timer throw.
process.on("SIGUSR2", () => setTimeout(() => fail(), 0));

function fail() {
  throw new Error("provoked from outside");
}
