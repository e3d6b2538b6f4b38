// A server that is told to stop while clients that know nothing of it send requests through a balancer.
import { setTimeout as delay } from "node:timers/promises";
import { balancer, stopLoad } from "../../resilience/stop-load.js";
import { over, type Fault } from "./fault.js";

const clients = 16;

export const stops: readonly Fault[] = [
  {
    kind: "stop-server",
    what: "SIGTERM of each server in turn, which is then started again, behind a balancer",
    isCutting: true,
    async play({ site, load }) {
      const front = await balancer(() => site.servers.map(({ port }) => port));
      const [writer] = load.writers;
      const request =
        `GET /v1/chats/${writer!.chatId}/messages?limit=5 HTTP/1.1\r\nHost: x\r\n` +
        `Authorization: Bearer ${writer!.token}\r\n\r\n`;
      const through = stopLoad(front.port, clients, () => request);
      for (const server of [0, 1]) {
        const before = through.answered;
        while (through.answered < before + 100 && through.failures.length === 0) await delay(5);
        await site.endServer(server, "SIGTERM");
        await site.restart(server);
      }
      await through.close();
      front.close();
      const stopsFailed = through.failures.length;
      return over({ stopsAsked: through.answered + stopsFailed, stopsFailed });
    },
  },
];
