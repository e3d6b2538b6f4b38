// People who ask for too much at once: guesses of passwords, logins whose clients hang up, and dear searches.
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { exchange } from "../../../runner/client/exchange.js";
import type { Person } from "../../resilience/person.js";
import { upTo } from "../../support/numbers.js";
import type { Site } from "../site.js";
import { crowdedChat } from "./crowded-chat.js";
import { over, type Fault } from "./fault.js";

const guessers = 150;
const searchers = 40;
/** People who know their password. */
const honest = 10;
/** The address of a school, where all of its people are. */
const shared = "10.2.0.1";

export const floods: readonly Fault[] = [
  {
    kind: "guesses",
    what: "one address guesses passwords on 150 connections; others log in from other addresses",
    isHarmless: true,
    async play({ site, load, hold }) {
      let isOpen = true;
      const flood = upTo(guessers).map(async (at) => {
        for (let guess = 0; isOpen; guess++)
          await logIn(site.url(0), "10.0.0.1", { email: `${at}-${guess}@example.org`, password: "a guess" });
      });
      await hold(2_000, 500);
      const logins = await honestLogins(site, load.writers.slice(0, honest), (index) => `10.1.1.${index}`);
      isOpen = false;
      await Promise.all(flood);
      return over(logins);
    },
  },
  {
    kind: "hang-ups",
    what: "99 clients of one address ask to log in and hang up after 120 ms, half of them with a reset; others log in who did so there before",
    isHarmless: true,
    async play({ site, load, hold }) {
      const people = load.writers.slice(0, honest);
      // From now on they are known there.
      await honestLogins(site, people, () => shared);
      let isOpen = true;
      const flood = (async () => {
        for (let wave = 0; isOpen; wave++) await askAndHangUp(site.servers[0].port, wave);
      })();
      await hold(2_000, 300);
      const logins = await honestLogins(site, people, () => shared);
      isOpen = false;
      await flood;
      return over(logins);
    },
  },
  {
    kind: "searches",
    what: "one person sends 40 searches at once of a kind that reads everything; others make chats, search and find people",
    isHarmless: true,
    async play({ site, load, hold }) {
      const { id, owner } = await crowdedChat(site, 1_500);
      const [other] = load.writers;
      let isOpen = true;
      let searched = 0;
      const flood = upTo(searchers).map(async () => {
        while (isOpen) {
          await owner.call("GET", `/v1/chats/${id}/messages?query=${encodeURIComponent('"ы1 ю8"')}`);
          searched++;
        }
      });
      while (searched === 0) await delay(10);
      const kinds = [
        () => at(site, other!, "POST", "/v1/chats", JSON.stringify({ title: "Beside it", member_ids: [] })),
        () => at(site, other!, "GET", `/v1/chats/${other!.chatId}/messages?query=tea`),
        () => at(site, other!, "GET", "/v1/users?query=karenina"),
        () => at(site, other!, "GET", "/v1/chats?query=chat"),
      ];
      let [othersAsked, othersRefused] = [0, 0];
      for (let round = 0; round < 4; round++) {
        for (const ask of kinds) {
          othersAsked++;
          if ((await ask()) >= 300) othersRefused++;
        }
        await hold(500, 0);
      }
      isOpen = false;
      await Promise.all(flood);
      return over({ othersAsked, othersRefused });
    },
  },
];

/** The status of the answer to a request of a person at the first server. */
async function at(site: Site, { token }: Person, verb: string, path: string, body?: string): Promise<number> {
  const headers: (readonly [string, string])[] = [["Authorization", `Bearer ${token}`]];
  if (body !== undefined) headers.push(["Content-Type", "application/json"]);
  return (await exchange(site.url(0), { verb, path, headers, ...(body === undefined ? {} : { body }) })).status;
}

/** The status of the answer to a login from an address; 0 when there is none. */
async function logIn(url: string, address: string, who: Pick<Person, "email" | "password">): Promise<number> {
  const request = {
    verb: "POST",
    path: "/v1/auth/login",
    headers: [
      ["Content-Type", "application/json"],
      ["X-Forwarded-For", address],
    ],
    body: JSON.stringify({ email: who.email, password: who.password }),
  } as const;
  return exchange(url, request).then(
    ({ status }) => status,
    () => 0,
  );
}

interface Honest {
  readonly loginsTried: number;
  readonly loginsThrough: number;
}

/** Logins of people who know their password, each from the address of its number. */
async function honestLogins(
  site: Site,
  people: readonly Person[],
  address: (index: number) => string,
): Promise<Honest> {
  let loginsThrough = 0;
  for (const [index, person] of people.entries())
    if ((await logIn(site.url(0), address(index), person)) === 200) loginsThrough++;
  return { loginsTried: people.length, loginsThrough };
}

/** One wave of logins of 99 accounts from the shared address, whose clients do not wait for the answer. */
async function askAndHangUp(port: number, wave: number): Promise<void> {
  const sockets = upTo(99).map((index) => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    const body = JSON.stringify({ email: `${wave}-${index}@example.org`, password: "a guess" });
    socket.write(
      "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
        `X-Forwarded-For: ${shared}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return socket;
  });
  await delay(120);
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 0) socket.resetAndDestroy();
    else socket.destroy();
  }
}
