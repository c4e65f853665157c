import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { MATRIX_CLIENT } from "../../src/providers/matrix-client.ts";
import { asCoatcheck, asCurl, asTypeScript, register, requestDevice } from "../../src/walk/index.ts";
import { Walker } from "./walker.ts";

/** What a shell makes of a line. */
const words = (line: string): readonly string[] =>
  execFileSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

test("MX-P2 a request as curl: a shell reads the same URL, headers and body", async (t) => {
  const walker = await Walker.at(t, PROFILES.spec);
  await walker.registered();
  const asked = await walker.pass(requestDevice, {});
  const [exchange] = asked.exchanges;
  assert.ok(exchange);
  const line = words(asCurl(exchange));
  assert.deepEqual(line.slice(0, 4), ["curl", "-X", "POST", `${walker.server.baseUrl}/oauth2/device`]);
  const members = line.flatMap((word, index) => (line[index - 1] === "--data-urlencode" ? [word] : []));
  assert.deepEqual(members.sort(), [...new URLSearchParams(exchange.body)].map((pair) => pair.join("=")).sort());
  const named = await walker.pass(register, { body: { ...MATRIX_CLIENT, client_name: "It's mine" } });
  const sent = named.exchanges[0];
  assert.ok(sent);
  assert.equal(words(asCurl(sent)).at(-1), sent.body);
});

test("MX-P2 a request as TypeScript asks the same again", async (t) => {
  const walker = await Walker.at(t, PROFILES.spec);
  await walker.registered();
  const [exchange] = (await walker.pass(requestDevice, {})).exchanges;
  assert.ok(exchange);
  const before = walker.server.requests.length;
  await import(`data:text/javascript,${encodeURIComponent(asTypeScript(exchange).replace(/\nconsole\.log.*$/, ""))}`);
  const again = walker.server.requests.slice(before);
  assert.deepEqual(
    again.map(({ path, body }) => [path, String(new URLSearchParams(String(body)))]),
    [["/oauth2/device", String(new URLSearchParams(exchange.body))]],
  );
});

test("MX-P2 the same walk on the command line: only what differs is named", () => {
  const body = { ...MATRIX_CLIENT, client_name: "It's mine" };
  const command = (more: object) =>
    asCoatcheck({ step: "register", homeserver: "example.org", lane: "present", state: {}, ...more });
  const client = { clientId: "c", requested: body, granted: {} };
  const line = words(command({ state: { client } }) ?? "");
  assert.deepEqual(line, [
    ..."coatcheck walk example.org --metadata".split(" "),
    "client_name=It's mine",
    "--until",
    "register",
  ]);
  assert.equal(
    command({ step: "revoke", homeserver: " http://127.0.0.1:8210", lane: "older" }),
    "coatcheck walk http://127.0.0.1:8210 --allow-networks loopback --older-servers",
  );
  assert.equal(
    command({ step: "discover", homeserver: "@me:example.org" }),
    "coatcheck walk @me:example.org --until discover",
  );
  const exchange = { method: "POST", url: "https://example.org/", headers: {}, milliseconds: 1, masks: {} };
  const none = [
    { homeserver: " " },
    { lane: "older-elsewhere" },
    { state: { client: { ...client, initialAccessToken: true } } },
    { exchange: { ...exchange, simulated: true } },
    { exchange: { ...exchange, headers: { authorization: "Bearer x" } } },
  ];
  for (const more of none) assert.equal(command(more), undefined);
});
