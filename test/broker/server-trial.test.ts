import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "typebox/value";
import { ServerTrialData } from "../../src/api/index.ts";
import type { Fault } from "../servers/misbehaving.ts";
import { type Pair, startPair } from "../support/misbehaving.ts";

const SECRET = 'a+secret/of "the" test';

type Step = ServerTrialData["steps"][number];

async function tried(pair: Pick<Pair, "write">, body: object = {}, name = "new"): Promise<readonly Step[]> {
  const { status, body: told } = await pair.write(`oauth2/try/servers/${name}`, body);
  assert.equal(status, 200, JSON.stringify(told));
  const { data } = told ?? {};
  assert.ok(Value.Check(ServerTrialData, data), JSON.stringify(data));
  return data.steps;
}

function input({ as }: Pair) {
  return { provider: "oidc", client_id: "client", client_secret: SECRET, provider_options: { issuer_url: as.issuer } };
}

function says(status: number, body: string, headers: Record<string, string> = {}): Fault {
  return ({ response }) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

const refusal = (error: string) => says(400, JSON.stringify({ error }), { "content-type": "application/json" });

test("a server is tried before it is written: discovery, keys and client, each with what was asked and what came; nothing is stored", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/token", refusal("invalid_grant"));
  const steps = await tried(pair, input(pair));
  assert.deepEqual(
    steps.map(({ step, verdict }) => [step, verdict]),
    [
      ["discovery", "good"],
      ["keys", "good"],
      ["client", "good"],
    ],
  );
  const [discovery, keys, client] = steps;
  assert.equal(discovery?.exchanges[0]?.url, `${pair.as.issuer}/.well-known/openid-configuration`);
  assert.match(discovery?.exchanges[0]?.answer?.body ?? "", /token_endpoint/);
  assert.match(keys?.exchanges[0]?.answer?.body ?? "", /"keys"/);
  const [asked] = client?.exchanges ?? [];
  assert.equal(asked?.headers.authorization, "Basic [masked]");
  assert.deepEqual(Object.keys(asked?.headers ?? {}).sort(), ["accept", "authorization", "content-type"]);
  assert.match(asked?.body ?? "", /refresh_token=coatcheck-made-up/);
  assert.match(asked?.answer?.body ?? "", /invalid_grant/);
  assert.equal((await pair.read("oauth2/servers/new")).status, 404);
});

test("what the token endpoint says of the client decides, and nothing it repeats of a secret is shown", async (t) => {
  const pair = await startPair(t);
  const of = async (fault: Fault) => {
    pair.as.reply("/token", fault);
    const steps = await tried(pair, input(pair));
    const shown = steps.flatMap(({ exchanges }) => exchanges);
    const text = shown
      .flatMap(({ body, headers, answer }) => [body, ...Object.values(headers), answer?.body, JSON.stringify(answer)])
      .join("\n");
    for (const secret of [SECRET, encodeURIComponent(SECRET), new URLSearchParams({ "": SECRET }).toString().slice(1)])
      assert.ok(!text.includes(secret) && !text.includes(JSON.stringify(secret).slice(1, -1)), text);
    const client = steps.at(-1);
    assert.ok(client);
    return client;
  };
  const echo: Fault = ({ request, response, form }) => {
    const { authorization = "" } = request.headers;
    const basic = authorization.replace("Basic ", "");
    response.writeHead(401, { "content-type": "application/json", "x-echo": authorization });
    const decoded = decodeURIComponent(Buffer.from(basic, "base64").toString().replaceAll("+", " "));
    response.end(JSON.stringify({ error: "invalid_client", error_description: `${decoded} ${basic} ${form}` }));
  };
  const unknown = await of(echo);
  assert.deepEqual([unknown.verdict, /does not know the client/.test(unknown.text)], ["bad", true]);
  // Nobody named a method: the other one is tried too, with the secret in the form.
  assert.equal(unknown.exchanges.length, 2);
  assert.match(unknown.exchanges[1]?.body ?? "", /client_secret=\[masked\]/);
  const verdicts: Record<string, string> = {};
  for (const error of ["invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_request", "odd"])
    verdicts[error] = (await of(refusal(error))).verdict;
  assert.deepEqual(verdicts, {
    invalid_grant: "good",
    unauthorized_client: "bad",
    unsupported_grant_type: "unclear",
    invalid_request: "unclear",
    odd: "unclear",
  });
  const gave = await of(({ response }) => {
    response.end(
      JSON.stringify({ access_token: "a-token-for-nobody", refresh_token: "another", token_type: "Bearer" }),
    );
  });
  assert.equal(gave.verdict, "unclear");
  assert.match(gave.exchanges[0]?.answer?.body ?? "", /"access_token":"\[masked\]","refresh_token":"\[masked\]"/);
});

test("tokens that come all the same are masked in whatever form they come, also where the answer is cut", async (t) => {
  const pair = await startPair(t);
  const token = "tok\u00e9n-for-nobody";
  const member = JSON.stringify({ access_token: token });
  const filling = " ".repeat(16_384 - 20);
  for (const body of [
    `{"data":[${member}]}`,
    JSON.stringify({ data: member }),
    `${member} and more`,
    member.slice(0, -2),
    `{"access_token" : "tok\\u00e9n-for-nobody"}`,
    member.replace("access_token", "refreshToken"),
    '{"id_token": 4711}',
    `access_token=${encodeURIComponent(token)}&token_type=bearer&access_token=4711`,
    `${member.slice(0, -1)},"long":"${"x".repeat(20_000)}"}`,
    `${filling}${member}`,
  ]) {
    pair.as.reply("/token", says(200, body, { "set-cookie": "session=4711" }));
    const shown = JSON.stringify((await tried(pair, input(pair))).at(-1)?.exchanges);
    assert.ok(shown.includes("[masked]"), shown.slice(0, 300));
    for (const part of ["for-nobody", "tok\u00e9n", "tok%C3", "tok\\u", "4711"])
      assert.ok(!shown.includes(part), `${part} of ${body}`);
  }
});

test("the client's secret is masked in whatever spelling it comes back", async (t) => {
  const pair = await startPair(t);
  const spelled = (letter: (one: string) => string) => [...SECRET].map(letter).join("");
  const hex = (one: string) => one.charCodeAt(0).toString(16);
  for (const spelling of [
    SECRET,
    JSON.stringify(JSON.stringify(SECRET)),
    encodeURIComponent(SECRET).toLowerCase(),
    SECRET.replaceAll(" ", "+"),
    spelled((one) => `\\u00${hex(one)}`),
    spelled((one) => `&#x${hex(one).toUpperCase()};`),
    SECRET.replaceAll('"', "&quot;").replace("+", "\\u002b"),
    Buffer.from(SECRET).toString("base64"),
    Buffer.from(`client:${SECRET}`).toString("base64url"),
  ]) {
    pair.as.reply("/token", says(400, `<p>bad: ${spelling}</p>`));
    const answer = (await tried(pair, input(pair))).at(-1)?.exchanges[0]?.answer;
    assert.match(answer?.body ?? "", /^<p>bad: \W*\[masked\]\W*<\/p>$/, spelling);
  }
});

test("what a hostile answer repeats costs no more than its first 64 KiB", async (t) => {
  const pair = await startPair(t);
  const members = (letters: readonly string[]) => letters.map((one) => `"id_token":"${one}"`).join();
  const masks = members([..."[masked]"]) + "m".repeat(100_000);
  for (const body of [masks, members(Array.from({ length: 4_000 }, (_, at) => String(at))), "\\".repeat(100_000)]) {
    pair.as.reply("/token", says(400, body));
    const answer = (await tried(pair, input(pair))).at(-1)?.exchanges[0]?.answer;
    assert.deepEqual([answer?.is_cut, (answer?.body.length ?? 0) <= 16_384], [true, true]);
  }
});

test("odd answers are told as they came: pages, redirects, what is far too long, and none at all", async (t) => {
  const pair = await startPair(t);
  const hostile = "<script>alert(1)</script>\u202e";
  pair.as.reply("/token", says(200, hostile + "x".repeat(60_000), { "content-type": "text/html" }));
  const [page] = (await tried(pair, input(pair))).at(-1)?.exchanges ?? [];
  assert.deepEqual([page?.answer?.is_cut, page?.answer?.body.startsWith(hostile)], [true, true]);
  assert.equal(page?.answer?.body.length, 16_384);
  pair.as.reply("/token", says(302, "", { location: "http://169.254.169.254/latest" }));
  const moved = (await tried(pair, input(pair))).at(-1);
  assert.deepEqual([moved?.verdict, moved?.exchanges.length], ["unclear", 1], "nobody follows it");
  pair.as.reply("/token", says(200, "x".repeat(2_000_000)));
  const huge = (await tried(pair, input(pair))).at(-1);
  assert.deepEqual([huge?.verdict, /too_large/.test(huge?.exchanges[0]?.trouble ?? "")], ["bad", true]);
  pair.as.reply("/token", ({ response }) => void response.destroy());
  const broken = (await tried(pair, input(pair))).at(-1);
  assert.deepEqual([broken?.verdict, broken?.exchanges[0]?.trouble], ["bad", "the connection broke"]);
  pair.as.reply("/.well-known/openid-configuration", says(200, hostile));
  pair.as.reply("/.well-known/oauth-authorization-server", says(404, ""));
  const steps = await tried(pair, input(pair));
  assert.deepEqual(
    steps.map(({ verdict }) => verdict),
    ["bad", "skipped", "skipped"],
  );
  assert.equal(steps[0]?.exchanges[0]?.answer?.body, hostile);
});

test("one that is written is tried as it is stored; its secret goes nowhere that nobody agreed to, nor where the policy forbids", async (t) => {
  const pair = await startPair(t);
  pair.as.reply("/token", refusal("invalid_grant"));
  assert.equal((await pair.write("oauth2/servers/kept", input(pair))).status, 204);
  const good = (await tried(pair, {}, "kept")).at(-1);
  assert.deepEqual([good?.verdict, good?.exchanges[0]?.headers.authorization], ["good", "Basic [masked]"]);
  assert.equal((await pair.write("oauth2/try/servers/nowhere", {})).status, 404);
  const sent = pair.as.to("/token").length;
  pair.as.metadata = { token_endpoint: "https://elsewhere.example/token" };
  const moved = (await tried(pair, {}, "kept")).at(-1);
  assert.deepEqual([moved?.verdict, moved?.exchanges.length], ["skipped", 0]);
  assert.match(moved?.text ?? "", /secret is not sent: the token endpoint moved/);
  assert.equal(pair.as.to("/token").length, sent);
  const inside = { ...input(pair), provider_options: { issuer_url: "https://169.254.169.254" } };
  const [forbidden] = await tried(pair, inside);
  assert.match(forbidden?.exchanges[0]?.trouble ?? "", /its address is not public/);
  assert.equal((await pair.write("oauth2/try/servers/new", { provider: "nowhere" })).status, 400);
});
