import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Driven, drive, type Load } from "./bench/drive.ts";

/**
 * `npm run load -- --url http://127.0.0.1:8200 --path /v1/oauth2/creds/me --token-file FILE`: loads a broker, Vault, OpenBao or any
 * other HTTP server, and prints what it noticed (docs/benchmarks.md has the recipes). A token comes from a file or from
 * LOAD_TOKEN, never from an argument, which every user of the machine can read.
 */
const { values: given } = parseArgs({
  options: {
    url: { type: "string" },
    path: { type: "string" },
    method: { type: "string", default: "GET" },
    "body-file": { type: "string" },
    "token-file": { type: "string" },
    bearer: { type: "boolean", default: false },
    header: { type: "string", multiple: true, default: [] },
    "ca-file": { type: "string" },
    names: { type: "string", default: "1" },
    connections: { type: "string", default: "32" },
    seconds: { type: "string" },
    operations: { type: "string" },
    pid: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const SECRET = /^(authorization|cookie|proxy-authorization|x-vault-token)$/i;

function fail(sentence: string): never {
  console.error(`load: ${sentence}`);
  process.exit(2);
}

function count(name: "names" | "connections" | "seconds" | "operations" | "pid"): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  return number > 0 ? number : fail(`--${name} must be a number above 0`);
}

function headers(): Record<string, string> {
  const file = given["token-file"];
  const token = file === undefined ? process.env.LOAD_TOKEN : readFileSync(file, "utf8").trim();
  const plain = given.header.map((line) => {
    const [name = "", ...value] = line.split(":");
    if (SECRET.test(name.trim())) fail(`--header may not hold ${name}: give the token by --token-file or LOAD_TOKEN`);
    return [name.trim(), value.join(":").trim()];
  });
  const secret = given.bearer ? { Authorization: `Bearer ${token}` } : { "X-Vault-Token": token ?? "" };
  return { ...Object.fromEntries(plain), ...(token !== undefined && secret) };
}

function loadOf(): Load {
  const { url, path, method } = given;
  if (url === undefined || path === undefined) fail("give --url and --path");
  const whole = URL.canParse(url) ? new URL(url) : fail("--url is not an address");
  if (!/^https?:$/.test(whole.protocol)) fail("--url must begin with http:// or https://");
  const [operations, seconds, pid] = [count("operations"), count("seconds"), count("pid")];
  const [body, ca] = [given["body-file"], given["ca-file"]];
  return {
    ...{ url: whole, path, method, headers: headers(), names: count("names") ?? 1 },
    connections: count("connections") ?? 32,
    ...(operations === undefined ? { seconds: seconds ?? 10 } : { operations }),
    ...(body !== undefined && { body: readFileSync(body, "utf8") }),
    ...(ca !== undefined && { ca: readFileSync(ca, "utf8") }),
    ...(pid !== undefined && { pid }),
  };
}

function text({ operations, seconds, perSecond, p50, p99, max, errors, processorMicros }: Driven): string {
  const wrong = Object.entries(errors).map(([what, times]) => `${what}: ${times}`);
  return [
    `${operations} answers in ${seconds.toFixed(1)} s: ${perSecond.toFixed(0)}/s`,
    `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${max.toFixed(1)} ms`,
    ...(processorMicros === undefined ? [] : [`processor time of the server: ${processorMicros.toFixed(0)} µs each`]),
    wrong.length === 0 ? "no errors" : `errors: ${wrong.join(", ")}`,
  ].join("\n");
}

const driven = await drive(loadOf());
console.log(given.json ? JSON.stringify(driven, null, 2) : text(driven));
if (driven.operations === 0 || Object.keys(driven.errors).length > 0) process.exitCode = 1;
