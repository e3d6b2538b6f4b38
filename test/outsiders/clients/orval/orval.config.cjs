// How orval makes the client: functions over fetch, for a server at an address.
module.exports = {
  lyceum: {
    input: { target: "gen/openapi.json" },
    output: { target: "gen/api.ts", client: "fetch", mode: "split", baseUrl: process.env.LYCEUM_URL },
  },
};
