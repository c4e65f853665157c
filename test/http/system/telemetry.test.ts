import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { samplerOf } from "../../../src/telemetry/sampler.ts";
import { telemetryOf } from "../../../src/telemetry/settings.ts";
import { oauthError } from "../../servers/faults.ts";
import { startFaultyServer } from "../../servers/faulty-server.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { stage } from "../session/stage.ts";

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events: readonly { readonly name: string }[];
  readonly status: { readonly code: number };
}

const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];

/** A collector that takes what comes by OTLP over HTTP in JSON. */
async function startCollector(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const collector = await startFaultyServer(Date.now, () => ({ status: 200, body: {} }));
  t.after(() => collector.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin, OTEL_SERVICE_NAME: "broker-of-the-suite", ...more };
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const bodies = (path: string) => collector.to(path).map(({ body }) => JSON.parse(body));
  return {
    telemetry: telemetryOf(env),
    everything: () => collector.requests.map(({ body, headers }) => body + JSON.stringify(headers)).join(""),
    resources: () => bodies("/v1/traces").flatMap((body) => body.resourceSpans.map((one: Resources) => one.resource)),
    spans: (): readonly OtlpSpan[] =>
      bodies("/v1/traces").flatMap((body) =>
        body.resourceSpans.flatMap((one: Resources) => one.scopeSpans?.flatMap(({ spans }) => spans)),
      ),
    metrics: (): readonly OtlpMetric[] =>
      bodies("/v1/metrics").flatMap((body) =>
        body.resourceMetrics.flatMap((one: Resources) => one.scopeMetrics?.flatMap(({ metrics }) => metrics)),
      ),
  };
}

interface Resources {
  readonly resource: unknown;
  readonly scopeSpans?: readonly { readonly spans: readonly OtlpSpan[] }[];
  readonly scopeMetrics?: readonly { readonly metrics: readonly OtlpMetric[] }[];
}

interface OtlpMetric {
  readonly name: string;
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly { readonly asDouble: number }[] };
  readonly histogram?: object;
}

const attributesOf = ({ attributes }: OtlpSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

test("OpenTelemetry: a request, its attempt and what it sends are one trace of the caller's, without a secret", async (t) => {
  const collector = await startCollector(t);
  const { telemetry } = collector;
  assert.deepEqual(telemetry, { traces: true, metrics: true });
  const pair = await startPair(t, { ...(telemetry && { telemetry }) });
  const [trace, caller] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  const refresh_token = pair.as.tokens.grant();
  const answer = await fetch(`${pair.running.address}/v1/oauth2/creds/secret-name?x=hidden`, {
    method: "PUT",
    headers: { "x-vault-token": ROOT_TOKEN, traceparent: `00-${trace}-${caller}-01` },
    body: JSON.stringify({ server: "as", refresh_token }),
  });
  assert.ok(answer.ok, await answer.text());
  for (let times = 0; times < 3; times++) assert.equal((await pair.read("oauth2/creds/secret-name")).status, 200);
  pair.as.reply("/token", oauthError("access_denied", 400, { error_description: "foreign text" }));
  await importGrant(pair, "other").catch(() => {});
  await pair.running.close();

  const spans = collector.spans();
  // Those that are answered from memory too.
  assert.equal(spans.filter(({ name }) => name === "GET /v1/oauth2/creds/*").length, 3);
  const mine = spans.filter(({ traceId }) => traceId === trace);
  const [request] = mine.filter(({ kind }) => kind === SERVER);
  assert.equal(request?.parentSpanId, caller);
  assert.match(request?.name ?? "", /^PUT \/v1\/.*creds\/\S+$/);
  assert.doesNotMatch(request?.name ?? "", /secret-name/);
  const { "http.route": _, ...told } = attributesOf(request as OtlpSpan);
  assert.deepEqual(told, { "http.request.method": "PUT", "http.response.status_code": answer.status });
  const [attempt] = mine.filter(({ name }) => name === "attempt");
  assert.deepEqual([attempt?.kind, attempt?.parentSpanId], [INTERNAL, request?.spanId]);
  assert.deepEqual(attributesOf(attempt as OtlpSpan), {
    "coatcheck.escrowed": false,
    "coatcheck.server": "as",
    "coatcheck.result": "issued",
  });
  assert.deepEqual(
    attempt?.events.map(({ name }) => name),
    ["answered", "settled"],
  );
  const [sent] = mine.filter(({ kind }) => kind === CLIENT);
  assert.deepEqual([sent?.name, sent?.parentSpanId], ["POST", attempt?.spanId]);
  const { hostname, port } = new URL(pair.as.origin);
  assert.deepEqual(attributesOf(sent as OtlpSpan), {
    "http.request.method": "POST",
    "server.address": hostname,
    "server.port": Number(port),
    "url.scheme": "http",
    "http.response.status_code": 200,
  });
  const refused = spans.filter((span) => attributesOf(span)["coatcheck.result"] === "refused");
  assert.equal(refused.length, 1);
  assert.notEqual(refused[0]?.traceId, trace);
  const headers = pair.as.requests.flatMap((one) => Object.keys(one.headers));
  assert.deepEqual(
    headers.filter((name) => /^(traceparent|tracestate|baggage)$/.test(name)),
    [],
  );

  const everything = collector.everything();
  const secrets = pair.as.requests.flatMap(({ form }) => [form.get("refresh_token"), form.get("code")]);
  for (const secret of [...secrets, ROOT_TOKEN, "hidden", "secret-name", "foreign text", refresh_token]) {
    assert.ok(secret === null || !everything.includes(secret), `${secret} is told`);
  }
  const service = { key: "service.name", value: { stringValue: "broker-of-the-suite" } };
  const [resource] = collector.resources() as { readonly attributes: readonly unknown[] }[];
  assert.ok(JSON.stringify(resource).includes(JSON.stringify(service)), JSON.stringify(resource));

  const metrics = new Map(collector.metrics().map((one) => [one.name, one]));
  const { sum } = metrics.get("coatcheck_attempts_total") ?? {};
  assert.ok(sum?.isMonotonic && sum.dataPoints.some(({ asDouble }) => asDouble >= 1));
  assert.ok(metrics.get("coatcheck_lateness_seconds")?.histogram);
});

test("OpenTelemetry: a request that is passed on to an API is told of, until the head of its answer", async (t) => {
  const { telemetry, spans, everything } = await startCollector(t);
  const { call, api, pair, token, program } = await stage(t, {}, { ...(telemetry && { telemetry }) });
  const secrets = [await token(), program.secret];
  assert.equal((await call("api/repos/hidden?x=hidden")).status, 200);
  await pair.running.close();
  const { hostname, port } = new URL(api.url);
  const sent = spans().filter((span) => attributesOf(span)["server.port"] === Number(port));
  assert.deepEqual(
    sent.map((span) => [span.kind, span.name, attributesOf(span)["server.address"]]),
    [[CLIENT, "GET", hostname]],
  );
  const [request] = spans().filter(({ spanId }) => spanId === sent[0]?.parentSpanId);
  assert.match(request?.name ?? "", /^GET \/session\/proxy/);
  for (const secret of [...secrets, "hidden"]) assert.ok(!everything().includes(secret), "a secret is told");
});

test("OpenTelemetry: of a trace that is not wanted no part is told, and a caller's decision goes first", async (t) => {
  const { telemetry, spans } = await startCollector(t, { OTEL_TRACES_SAMPLER: "parentbased_always_on" });
  const pair = await startPair(t, { ...(telemetry && { telemetry }) });
  const [wanted, unwanted] = ["4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"];
  const ask = async (method: string, name: string, headers: object = {}) => {
    const body = JSON.stringify({ server: "as", refresh_token: pair.as.tokens.grant() });
    const answer = await fetch(`${pair.running.address}/v1/oauth2/creds/${name}`, {
      ...{ method, ...(method === "PUT" && { body }) },
      headers: { "x-vault-token": ROOT_TOKEN, ...headers },
    });
    assert.ok(answer.ok, await answer.text());
  };
  const callers = (id: string, flags: string) => ({ traceparent: `00-${id}-00f067aa0ba902b7-${flags}` });
  const ways = [
    ["not", callers(unwanted, "00")],
    ["sampled", callers(wanted, "01")],
  ] as const;
  for (const [name, headers] of ways) {
    await ask("PUT", name, headers);
    for (let times = 0; times < 3; times++) await ask("GET", name, headers);
  }
  await pair.passUntil("both are refreshed", () => pair.as.to("/token").length === 4);
  await pair.running.close();
  const all = spans().filter(({ name }) => !name.includes("/servers/"));
  // Whoever woke the queue last: its own work has traces of its own.
  const own = all.filter(({ name, traceId }) => name === "attempt" && traceId !== wanted && traceId !== unwanted);
  assert.equal(new Set(own.map(({ traceId }) => traceId)).size, 2);
  const mine = all.filter(({ traceId }) => !own.some((one) => one.traceId === traceId));
  const names = mine.map(({ name, traceId }) => [traceId, name.replace(/ .*/, "")]);
  const told = ["GET", "GET", "GET", "POST", "PUT", "attempt"].map((name) => [wanted, name]);
  assert.deepEqual(names.sort(), told);
});

test("OpenTelemetry's samplers: a caller's trace is in the ratio by its id, where its own decision is not heeded", () => {
  const ids = ["00000001", "ffffffff"].map((end) => end.padStart(32, "0"));
  const asked = (OTEL_TRACES_SAMPLER: string, OTEL_TRACES_SAMPLER_ARG = "") => {
    const env = { OTEL_TRACES_EXPORTER: "otlp", OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG };
    const isWanted = samplerOf(telemetryOf(env)?.sampling);
    const parents = ids.flatMap((traceId) => [0, 1].map((traceFlags) => ({ traceId, spanId: "", traceFlags })));
    return [undefined, ...parents].map((parent) => (isWanted(parent) ? 1 : 0)).join("");
  };
  assert.equal(asked(""), "10101");
  assert.equal(asked("parentbased_always_on"), "10101");
  assert.equal(asked("parentbased_always_off"), "00101");
  assert.equal(asked("always_on"), "11111");
  assert.equal(asked("always_off"), "00000");
  assert.equal(asked("traceidratio"), "11111");
  assert.equal(asked("traceidratio", "0.5").slice(1), "1100");
  assert.equal(asked("parentbased_traceidratio", "0.5").slice(1), "0101");
});

test("OpenTelemetry is off by default, and switched by its standard variables", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
  assert.equal(telemetryOf({}), undefined);
  assert.equal(telemetryOf({ ...endpoint, OTEL_SDK_DISABLED: "true" }), undefined);
  assert.equal(telemetryOf({ ...endpoint, OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" }), undefined);
  assert.deepEqual(telemetryOf({ ...endpoint, OTEL_METRICS_EXPORTER: "none" }), { traces: true, metrics: false });
  assert.deepEqual(telemetryOf({ OTEL_METRICS_EXPORTER: "otlp" }), { traces: false, metrics: true });
  const mistakes = [
    [{ OTEL_TRACES_EXPORTER: "zipkin" }, /OTEL_TRACES_EXPORTER must be otlp or none/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "127.0.0.1:4318" }, /must be an address like http/],
    [
      { ...endpoint, OTEL_TRACES_SAMPLER: "constructor" },
      /must be one of always_on, parentbased_always_on, .*, not "con/,
    ],
    [
      { ...endpoint, OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" },
      /a number from 0 to 1, not "2"/,
    ],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, /only http\/json is sent, not "grpc"/],
  ] as const;
  for (const [env, text] of mistakes) assert.throws(() => telemetryOf(env), text);
});
