// What endpoints are sent, and when: signed, by kind and by right, again after a failure, and never to the harm of others.
import { createHmac } from "node:crypto";
import { expect } from "chai";
import { Webhook as Verifier } from "standardwebhooks";
import { protoDirectory } from "../../src/config.js";
import { codecs } from "../../src/contract/codecs/codec.js";
import { loadContract } from "../../src/contract/model/load.js";
import { endWebhooksOfOthers, sweepDeliveries } from "../../src/webhooks/steps.js";
import { upTo } from "../support/numbers.js";
import type { Received } from "./receiver.js";
import { type Endpoint, openSendingSchool, type SendingSchool, until } from "./sending-school.js";

const headersOf = ({ headers }: Received): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

describe("webhooks", function () {
  this.timeout(60_000);
  let sending: SendingSchool;
  before(async () => (sending = await openSendingSchool()));
  after(() => sending.close());

  /** Sends a message in a chat of the owner; returns its id. */
  async function message({ owner }: Endpoint, text = "hello", chat?: number): Promise<number> {
    const { school } = sending;
    const chat_id = chat ?? (await school.chat(owner.id));
    const draft = { chat_id, text, client_message_id: undefined, reply_to_id: undefined, file_ids: [] };
    return (await school.messages.sendMessage(draft, owner.call)).id;
  }
  const got = ({ path }: Endpoint, kind?: string): readonly Received[] =>
    sending.receiver.of(path).filter(({ json }) => kind === undefined || json.type === kind);
  const came = (endpoint: Endpoint, count = 1, kind?: string): Promise<void> =>
    until(() => got(endpoint, kind).length >= count, `${count} of ${kind ?? "all"} at ${endpoint.path}`);
  const statesOf = async (endpoint: Endpoint): Promise<string[]> =>
    (await sending.deliveries(endpoint)).map(({ state }) => state.replace("WEBHOOK_DELIVERY_STATE_", ""));
  const settled = (endpoint: Endpoint): Promise<void> =>
    until(async () => !(await statesOf(endpoint)).includes("PENDING"), `all of ${endpoint.path} is settled`);
  const ping = ({ owner, webhook }: Endpoint) => sending.handlers.testWebhook({ webhook_id: webhook.id }, owner.call);
  const read = ({ owner, webhook }: Endpoint) => sending.handlers.getWebhook({ webhook_id: webhook.id }, owner.call);
  const failed = async (endpoint: Endpoint, attempts = 1): Promise<void> =>
    until(
      async () =>
        (await sending.deliveries(endpoint)).some(
          (each) => each.attempts >= attempts && each.failure !== "WEBHOOK_FAILURE_UNSPECIFIED",
        ),
      "a failure",
    );

  it("say what happened, so that the standard's own verifier takes them; not with another body, time or secret", async () => {
    const endpoint = await sending.endpoint({ kinds: ["message.sent"] });
    const id = await message(endpoint);
    await came(endpoint);
    const [received] = got(endpoint) as [Received];
    const { body, json } = received;
    const headers = headersOf(received);
    const verifier = new Verifier(endpoint.webhook.secret!);
    expect(verifier.verify(body, headers)).to.deep.equal(json);
    expect(json.type).to.equal("message.sent");
    expect(json.data).to.include({ kind: "message.sent", subject_id: id, actor_id: endpoint.owner.id, pts: 2 });
    expect(json.timestamp).to.equal(json.data!["happened_at"]);
    expect(() => verifier.verify(`${String(body)} `, headers)).to.throw("No matching signature");
    const old = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 400) };
    expect(() => verifier.verify(body, old)).to.throw("too old");
    const moved = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 1) };
    expect(() => verifier.verify(body, moved)).to.throw("No matching signature");
    const other = new Verifier(`whsec_${Buffer.alloc(32).toString("base64")}`);
    expect(() => other.verify(body, headers)).to.throw("No matching signature");
    await settled(endpoint);
    const [delivery] = await sending.deliveries(endpoint);
    expect(delivery).to.include({ event_id: headers["webhook-id"], kind: "message.sent", attempts: 1, status: 204 });
  });

  it("are signed with two keys for a day after the secret was rotated", async () => {
    const endpoint = await sending.endpoint({ kinds: ["banner.*"] });
    const { owner, webhook } = endpoint;
    const rotated = await sending.handlers.rotateWebhookSecret({ webhook_id: webhook.id }, owner.call);
    expect(rotated.secret)
      .to.match(/^whsec_[A-Za-z0-9+/]{43}=$/)
      .and.not.equal(webhook.secret);
    await ping(endpoint);
    await came(endpoint);
    const [both] = got(endpoint) as [Received];
    expect(String(both.headers["webhook-signature"]).split(" ")).to.have.length(2);
    for (const secret of [rotated.secret!, webhook.secret!])
      expect(new Verifier(secret).verify(both.body, headersOf(both))).to.include({ type: "ping" });
    await sending.school.sql("update webhooks set former_secret_until = now() where id = $1", [webhook.id]);
    await ping(endpoint);
    await came(endpoint, 2);
    const [, one] = got(endpoint) as [Received, Received];
    expect(new Verifier(rotated.secret!).verify(one.body, headersOf(one))).to.include({ type: "ping" });
    expect(() => new Verifier(webhook.secret!).verify(one.body, headersOf(one))).to.throw("No matching signature");
    expect((await read(endpoint)).former_secret_until).to.equal(undefined);
  });

  it("are protobuf where the endpoint wants it, signed over the bytes", async () => {
    const endpoint = await sending.endpoint({ kinds: ["message.*"], serialization: "WEBHOOK_SERIALIZATION_PROTOBUF" });
    const id = await message(endpoint);
    await came(endpoint);
    const [{ headers, body }] = got(endpoint) as [Received];
    expect(headers["content-type"]).to.equal("application/protobuf");
    const type = loadContract(protoDirectory).root.lookupType("lyceum.v1.WebhookEvent");
    expect(codecs.protobuf.reader(type)(body))
      .to.deep.include({ type: "message.sent" })
      .and.to.have.nested.property("data.subject_id", id);
    const mac = createHmac("sha256", endpoint.key).update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`);
    expect(headers["webhook-signature"]).to.equal(`v1,${mac.update(body).digest("base64")}`);
  });

  it("are of the kinds that the endpoint names, and of what happens after it was made", async () => {
    const { school } = sending;
    const owner = await school.account("ROLE_SUPER_ADMIN");
    const chat = await school.chat(owner.id);
    const endpoints = await Promise.all(
      [["message.sent"], ["message.*"], ["*"], ["medal.*"]].map((kinds) => sending.endpoint({ kinds }, owner)),
    );
    const [exact, thing, all, none] = endpoints as [Endpoint, Endpoint, Endpoint, Endpoint];
    const id = await message(exact, "hello", chat);
    await school.messages.updateMessage({ message_id: id, text: "bye" }, owner.call);
    await ping(none);
    await Promise.all([came(thing, 2), came(all, 2), came(exact), came(none)]);
    await Promise.all([exact, thing, all, none].map(settled));
    expect(
      endpoints.map((endpoint) =>
        got(endpoint)
          .map(({ json }) => json.type)
          .toSorted(),
      ),
    ).to.deep.equal([
      ["message.sent"],
      ["message.edited", "message.sent"],
      ["message.edited", "message.sent"],
      ["ping"],
    ]);
  });

  it("are of what the owner may see: of no chat that they are not in, and of nobody's own", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.*", "chat.*", "notification.*"] });
    const [alice, bob] = [await school.account(), await school.account()];
    const theirs = await school.chat(alice.id, bob.id);
    await message({ ...endpoint, owner: alice }, "theirs", theirs);
    await message(endpoint, "own");
    await came(endpoint, 1, "message.sent");
    await settled(endpoint);
    const own = `user:${endpoint.owner.id}`;
    const topics = new Set(got(endpoint).map(({ json }) => json.data!["topic"]));
    expect([...topics].filter((topic) => topic !== own && topic === `chat:${theirs}`)).to.deep.equal([]);
    expect(got(endpoint, "message.sent")).to.have.length(1);
    expect([...topics].every((topic) => topic === own || String(topic).startsWith("chat:"))).to.equal(true);
  });

  it("are not sent of a chat that the owner has left, also when the delivery was made before", async () => {
    const { school, receiver } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    const [alice] = [await school.account()];
    const chat = await school.chat(alice.id, endpoint.owner.id);
    receiver.answer(endpoint.path, (response) => response.writeHead(500).end());
    await message({ ...endpoint, owner: alice }, "while they are in", chat);
    await failed(endpoint);
    await school.chats.leaveChat({ chat_id: chat }, endpoint.owner.call);
    await message({ ...endpoint, owner: alice }, "when they are gone", chat);
    await sending.hurry(endpoint);
    await settled(endpoint);
    expect(await statesOf(endpoint)).to.deep.equal(["WITHHELD"]);
    expect(got(endpoint)).to.have.length(1);
  });

  it("end when the owner is no super admin any more: at once, and they are switched off", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    await school.sql("update users set role = 'ROLE_TEACHER' where id = $1", [endpoint.owner.id]);
    await message(endpoint);
    await endWebhooksOfOthers.run(school.database, new AbortController().signal);
    expect(await read(endpoint)).to.include({ is_enabled: false, disabled_reason: "WEBHOOK_DISABLED_REASON_OWNER" });
    expect(got(endpoint)).to.deep.equal([]);
    const audit = await school.sql<{ action: string }>(
      "select action from audit_events where target_type = 'webhook' and target_id = $1 order by id",
      [String(endpoint.webhook.id)],
    );
    expect(audit.map(({ action }) => action)).to.deep.equal(["webhook.create", "webhook.switch_off"]);
    const told = await school.sql("select from updates where topic = $1 and kind = 'webhook.switched_off'", [
      `user:${endpoint.owner.id}`,
    ]);
    expect(told).to.have.length(1);
  });

  it("go with the account of their owner", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint();
    await ping(endpoint);
    await came(endpoint);
    await school.auth.deleteMe({ password: endpoint.owner.password }, endpoint.owner.call);
    const left = await school.sql(
      "select from webhooks where id = $1 union all select from webhook_deliveries where webhook_id = $1",
      [endpoint.webhook.id],
    );
    expect(left).to.deep.equal([]);
  });

  it("are made once of an update, however often it comes", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    await message(endpoint);
    await came(endpoint);
    await school.sql("update update_consumers set last_id = 0 where name = 'webhooks'");
    await message(endpoint);
    await came(endpoint, 2);
    await settled(endpoint);
    expect(got(endpoint)).to.have.length(2);
  });

  for (const [what, status, failure, answer] of [
    ["a status of a failure", 500, "STATUS", (response) => void response.writeHead(500).end("no")],
    [
      "a redirect, which is not followed",
      302,
      "STATUS",
      (response) => void response.writeHead(302, { Location: "/elsewhere" }).end(),
    ],
    ["no answer", undefined, "TIMEOUT", () => undefined],
    ["a connection that breaks off", undefined, "CONNECTION", (response) => void response.destroy()],
  ] as const satisfies readonly (readonly [
    string,
    number | undefined,
    string,
    Parameters<SendingSchool["receiver"]["answer"]>[1],
  ])[])
    it(`are sent again after ${what}, with the same id`, async () => {
      const { receiver } = sending;
      const endpoint = await sending.endpoint({ kinds: ["message.*"] });
      receiver.answer(endpoint.path, answer);
      await message(endpoint);
      await failed(endpoint);
      const [delivery] = await sending.deliveries(endpoint);
      expect(delivery).to.include({
        attempts: 1,
        status,
        failure: `WEBHOOK_FAILURE_${failure}`,
        state: "WEBHOOK_DELIVERY_STATE_PENDING",
      });
      expect(Date.parse(delivery!.next_attempt_at!) - Date.parse(delivery!.last_attempt_at!)).to.be.within(
        4_900,
        5_600,
      );
      expect((await read(endpoint)).failing_since).to.equal(delivery!.last_attempt_at);
      receiver.answer(endpoint.path, (response) => response.writeHead(200).end());
      await sending.hurry(endpoint);
      await settled(endpoint);
      const ids = new Set(got(endpoint).map(({ headers }) => headers["webhook-id"]));
      expect([...ids]).to.deep.equal([delivery!.event_id]);
      expect(got(endpoint)).to.have.length(2);
      expect((await read(endpoint)).failing_since).to.equal(undefined);
      expect(receiver.of("/elsewhere")).to.deep.equal([]);
    });

  it("have arrived with the status, whatever flood follows it", async () => {
    const endpoint = await sending.endpoint();
    sending.receiver.answer(endpoint.path, (response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", flood);
      flood();
    });
    await ping(endpoint);
    await settled(endpoint);
    expect(await statesOf(endpoint)).to.deep.equal(["DELIVERED"]);
  });

  it("heed Retry-After: of 429 for the whole endpoint, for a day at most", async () => {
    const { school, receiver } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    receiver.answer(endpoint.path, (response) => response.writeHead(429, { "Retry-After": "3600" }).end());
    const chat = await school.chat(endpoint.owner.id);
    await message(endpoint, "one", chat);
    await failed(endpoint);
    await message(endpoint, "two", chat);
    await until(async () => (await sending.deliveries(endpoint)).length === 2, "the second delivery");
    await sending.sender.send(endpoint.webhook.id);
    const [first, second] = await sending.deliveries(endpoint);
    expect([first!.attempts, second!.attempts]).to.deep.equal([1, 0]);
    const waits = async () =>
      (
        await school.sql<{ seconds: number }>(
          "select extract(epoch from waits_until - now())::integer as seconds from webhooks where id = $1",
          [endpoint.webhook.id],
        )
      )[0]!.seconds;
    expect(await waits()).to.be.within(3_500, 3_600);
    receiver.answer(endpoint.path, (response) => response.writeHead(429, { "Retry-After": "999999999" }).end());
    await ping(endpoint);
    await came(endpoint, 2);
    await until(async () => (await waits()) > 80_000, "the longest wait");
    expect(await waits()).to.be.at.most(86_400);
  });

  it("switch the endpoint off that answers 410, until its owner switches it on", async () => {
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    sending.receiver.answer(endpoint.path, (response) => response.writeHead(410).end());
    await message(endpoint);
    await until(async () => !(await read(endpoint)).is_enabled, "the end");
    expect(await read(endpoint)).to.include({ disabled_reason: "WEBHOOK_DISABLED_REASON_GONE" });
    expect(await statesOf(endpoint)).to.deep.equal(["FAILED"]);
    await message(endpoint, "unheard");
    sending.receiver.answer(endpoint.path, (response) => response.writeHead(200).end());
    const changed = { url: undefined, kinds: [], is_enabled: true, serialization: undefined, is_ordered: undefined };
    const { owner, webhook } = endpoint;
    const on = await sending.handlers.updateWebhook({ webhook_id: webhook.id, ...changed }, owner.call);
    expect(on).to.include({ is_enabled: true, disabled_reason: "WEBHOOK_DISABLED_REASON_UNSPECIFIED" });
    expect(on.failing_since).to.equal(undefined);
    await message(endpoint, "heard");
    await came(endpoint, 2);
  });

  it("are given up after ten attempts, and with them an endpoint where nothing has arrived since", async () => {
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    sending.receiver.answer(endpoint.path, (response) => response.writeHead(503).end());
    await message(endpoint);
    for (const attempts of upTo(10)) {
      await failed(endpoint, attempts);
      if (attempts < 10) await sending.hurry(endpoint);
    }
    await until(async () => !(await read(endpoint)).is_enabled, "the end");
    expect(await statesOf(endpoint)).to.deep.equal(["FAILED"]);
    expect(got(endpoint)).to.have.length(10);
    expect(await read(endpoint)).to.include({ disabled_reason: "WEBHOOK_DISABLED_REASON_FAILING" });
  });

  it("of an endpoint that fails are tried one at a time, later and later", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    sending.receiver.answer(endpoint.path, (response) => response.writeHead(500).end());
    const chat = await school.chat(endpoint.owner.id);
    for (const at of upTo(8)) await message(endpoint, `${at}`, chat);
    await until(async () => (await sending.deliveries(endpoint)).length === 8, "all deliveries");
    await until(async () => {
      const [row] = await school.sql<{ is_calm: boolean }>(
        "select waits_until > now() as is_calm from webhooks where id = $1",
        [endpoint.webhook.id],
      );
      return row!.is_calm === true;
    }, "a wait");
    await sending.sender.send(endpoint.webhook.id);
    expect(got(endpoint).length).to.be.within(5, 6);
  });

  it("keep the order of a topic where the endpoint wants it: a failure holds up what comes after", async () => {
    const { school, receiver } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.sent"], is_ordered: true });
    const [one, two] = [await school.chat(endpoint.owner.id), await school.chat(endpoint.owner.id)];
    let failures = 0;
    receiver.answer(endpoint.path, (response, { json }) => {
      const isBad = json.data!["topic"] === `chat:${one}` && failures < 2;
      if (isBad) failures++;
      response.writeHead(isBad ? 500 : 200).end();
    });
    const sent: number[] = [];
    for (const at of upTo(6)) sent.push(await message(endpoint, `${at}`, one));
    await message(endpoint, "other", two);
    await until(() => got(endpoint).some(({ json }) => json.data!["topic"] === `chat:${two}`), "the other topic");
    expect(got(endpoint).filter(({ json }) => json.data!["topic"] === `chat:${one}`)).to.have.length(1);
    await sending.hurry(endpoint);
    await sending.hurry(endpoint);
    await settled(endpoint);
    const order = got(endpoint).flatMap(({ json }) =>
      json.data!["topic"] === `chat:${one}` ? [json.data!["subject_id"]] : [],
    );
    expect(order).to.deep.equal([sent[0], sent[0], ...sent]);
  });

  it("to twenty endpoints that never answer delay nobody: another one hears at once, and none gets more than two requests", async () => {
    const { school, receiver } = sending;
    const owner = await school.account("ROLE_SUPER_ADMIN");
    const slow = await Promise.all(upTo(20).map(() => sending.endpoint({ kinds: ["message.*"] }, owner)));
    for (const { path } of slow) receiver.answer(path, () => undefined);
    const chat = await school.chat(owner.id);
    for (const at of upTo(3)) await message(slow[0]!, `${at}`, chat);
    await until(() => slow.filter((endpoint) => got(endpoint).length > 0).length >= 2, "the first requests");
    const quick = await sending.endpoint({ kinds: ["banner.*"] });
    await ping(quick);
    await came(quick);
    await Promise.all(slow.map((endpoint) => came(endpoint)));
    expect(slow.map(({ path }) => receiver.most(path)).filter((most) => most > 2)).to.deep.equal([]);
  });

  it("are sent again by hand, with the same id", async () => {
    const endpoint = await sending.endpoint({ kinds: ["message.*"] });
    await message(endpoint);
    await came(endpoint);
    await settled(endpoint);
    const [delivery] = await sending.deliveries(endpoint);
    const { owner, webhook } = endpoint;
    const again = { webhook_id: webhook.id, delivery_id: delivery!.id };
    expect(await sending.handlers.redeliverWebhookDelivery(again, owner.call)).to.include({
      attempts: 0,
      state: "WEBHOOK_DELIVERY_STATE_PENDING",
    });
    await came(endpoint, 2);
    expect(got(endpoint).map(({ headers }) => headers["webhook-id"])).to.deep.equal([
      delivery!.event_id,
      delivery!.event_id,
    ]);
  });

  it("are replayed from a time on: what was missed, what failed, and what has arrived", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint({ kinds: ["message.sent"] });
    const { owner, webhook } = endpoint;
    const set = (is_enabled: boolean) =>
      sending.handlers.updateWebhook(
        {
          webhook_id: webhook.id,
          url: undefined,
          kinds: [],
          is_enabled,
          serialization: undefined,
          is_ordered: undefined,
        },
        owner.call,
      );
    const chat = await school.chat(owner.id);
    const early = await message(endpoint, "early", chat);
    const heard = await message(endpoint, "heard", chat);
    await came(endpoint, 2);
    await school.sql(
      "update updates set created_at = created_at - interval '1 second' where subject_id = $1 and kind = 'message.sent'",
      [early],
    );
    await set(false);
    const missed = await message(endpoint, "missed", chat);
    await until(async () => {
      const [row] = await school.sql<{ is_read: boolean }>(
        "select c.last_id >= (select max(id) from updates) as is_read from update_consumers c where c.name = 'webhooks'",
      );
      return row!.is_read;
    }, "the consumer has passed over it");
    const [at] = await school.sql<{ created_at: string }>(
      "select created_at from updates where subject_id = $1 and kind = 'message.sent'",
      [heard],
    );
    const replay = (after_update_id?: number) =>
      sending.handlers.replayWebhook({ webhook_id: webhook.id, since: at!.created_at, after_update_id }, owner.call);
    const refused = await replay().catch((error: unknown) => (error as { reason: string }).reason);
    expect(refused).to.equal("WEBHOOK_DISABLED");
    await set(true);
    const { count, next_update_id } = await replay();
    expect([count, next_update_id]).to.deep.equal([2, undefined]);
    await came(endpoint, 4);
    await settled(endpoint);
    const subjects = got(endpoint).map(({ json }) => json.data!["subject_id"]);
    expect(subjects.toSorted()).to.deep.equal([early, heard, heard, missed].toSorted());
  });

  it("are replayed a thousand at a time", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint({ kinds: ["group.*"] });
    const { owner, webhook } = endpoint;
    sending.receiver.answer(endpoint.path, (response) => response.writeHead(503, { "Retry-After": "3600" }).end());
    // Before the endpoint was made, so that they are not for it by themselves.
    await school.sql(
      `insert into updates (topic, pts, kind, subject_id, created_at)
       select 'group:7', n, 'group.changed', 7, now() - interval '1 hour' from generate_series(1, 1100) n`,
    );
    const since = new Date(Date.now() - 3_700_000).toISOString();
    const replay = (after_update_id?: number) =>
      sending.handlers.replayWebhook({ webhook_id: webhook.id, since, after_update_id }, owner.call);
    const first = await replay();
    expect(first.count).to.equal(1_000);
    expect(await replay(first.next_update_id)).to.deep.equal({ count: 100 });
    const [row] = await school.sql<{ count: number }>(
      "select count(*)::integer as count from webhook_deliveries where webhook_id = $1",
      [webhook.id],
    );
    expect(row!.count).to.equal(1_100);
    expect((await replay(first.next_update_id)).count, "nothing twice").to.equal(100);
  });

  it("are at most twenty of one person, when twenty-five are made at once too", async () => {
    const owner = await sending.school.account("ROLE_SUPER_ADMIN");
    const made = await Promise.allSettled(upTo(25).map(() => sending.endpoint({}, owner)));
    expect(made.filter(({ status }) => status === "fulfilled")).to.have.length(20);
    const reasons = made.flatMap((each) =>
      each.status === "rejected" ? [(each.reason as { reason: string }).reason] : [],
    );
    expect(new Set(reasons)).to.deep.equal(new Set(["TOO_MANY_WEBHOOKS"]));
  });

  it("are forgotten after 30 days", async () => {
    const { school } = sending;
    const endpoint = await sending.endpoint();
    for (const at of upTo(2)) {
      await ping(endpoint);
      await came(endpoint, at);
    }
    await settled(endpoint);
    const [old, young] = await sending.deliveries(endpoint);
    await school.sql("update webhook_deliveries set created_at = now() - interval '31 days' where id = $1", [old!.id]);
    await sweepDeliveries.run(school.database, new AbortController().signal);
    expect((await sending.deliveries(endpoint)).map(({ id }) => id)).to.deep.equal([young!.id]);
  });
});
