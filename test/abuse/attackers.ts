/**
 * A process of attackers, each with an address of its own out of 127/8. Its argument is `Attack`; what was answered to them is
 * written as one line of JSON when it is told to stop.
 */
import { Agent, request } from "node:http";
import { createConnection, type Socket } from "node:net";

export interface Attack {
  /** Of each instance of the broker. */
  readonly ports: readonly number[];
  /** Connections that say nothing. */
  readonly idle: number;
  /** Connections whose headers never end. */
  readonly headers: number;
  /** Requests whose body never comes. */
  readonly bodies: number;
  /** Who sends 1 MiB as fast as it goes, one after the other. */
  readonly floods: number;
  /** Who begins logins, guesses codes and guesses tokens, one after the other. */
  readonly guessers: number;
  /** Who begin logins at homeservers that accept connections and say nothing, each at another one every time. */
  readonly homeservers: number;
  /** Addresses that guessers and those come from. */
  readonly addresses: number;
}

export interface Answers {
  /** Most connections that were open at once. */
  readonly open: number;
  /** Status → how often. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Whoever is closed comes again after this. Milliseconds. */
const AGAIN_MS = 2_000;

/** Connections begun at once: more would be refused by the system, not by the broker. */
const STRIDE = 200;

const attack = JSON.parse(process.argv[2] ?? "{}") as Attack;
const statuses: Record<string, number> = {};
const note = (status: string) => {
  statuses[status] = (statuses[status] ?? 0) + 1;
};
let [open, most, isOver, asked] = [0, 0, false, 0];

/** One instance after the other. */
const nextPort = () => attack.ports[asked++ % attack.ports.length] ?? 0;

const address = (kind: number, number: number) => `127.${kind}.${(number >> 8) & 255}.${number & 255 || 1}`;

/** A connection that sends this, is kept open, and comes again when it was closed. */
function hold(from: string, text: string): void {
  if (isOver) return;
  const socket: Socket = createConnection({ port: nextPort(), host: "127.0.0.1", localAddress: from });
  socket.on("connect", () => {
    open += 1;
    most = Math.max(most, open);
    socket.write(text);
    socket.on("close", () => {
      open -= 1;
    });
  });
  socket.on("data", (chunk) => note(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString("latin1"))?.[1] ?? "more"));
  socket.on("error", () => {});
  socket.on("close", () => setTimeout(() => hold(from, text), AGAIN_MS));
}

async function holdMany(count: number, kind: number, text: string): Promise<void> {
  for (let i = 0; i < count; i++) {
    hold(address(kind, i >> 3), text);
    if (i % STRIDE === STRIDE - 1) await new Promise((next) => setTimeout(next, 50));
  }
}

function ask(from: string, method: string, path: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((done) => {
    const agent = new Agent({ keepAlive: false });
    const options = { port: nextPort(), host: "127.0.0.1", localAddress: from, method, path, headers, agent };
    const asking = request(options, (answer) => {
      note(String(answer.statusCode));
      answer.resume().on("close", done);
    });
    asking.on("error", () => {
      note("closed");
      done();
    });
    asking.end(body);
  });
}

async function again(work: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; !isOver; turn++) await work(turn);
}

/** The costliest text there is to parse. */
const MEBIBYTE = `{"a":[${"0,".repeat(524_000)}0]}`;

function flood(number: number): Promise<void> {
  const from = address(4, number);
  const token = { "x-vault-token": "hvs.guessed-by-a-stranger" };
  return again((turn) =>
    turn % 2 === 0
      ? ask(from, "POST", "/sessions", {}, MEBIBYTE)
      : ask(from, "PUT", "/v1/oauth2/creds/a", token, MEBIBYTE),
  );
}

function guess(number: number): Promise<void> {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  return again(async (turn) => {
    const from = address(5, (number * 7_919 + turn) % attack.addresses);
    const code = `BCDF-${turn.toString(36).slice(-4).padStart(4, "G")}`;
    await ask(from, "POST", "/sessions", {}, '{"server":"as"}');
    await ask(from, "POST", "/device/decision", form, `user_code=${code}&token=x&decision=allow`);
    await ask(from, "GET", "/v1/oauth2/creds/me", { "x-vault-token": `hvs.guess-${number}-${turn}` }, "");
  });
}

/** Addresses that are public; a proxy connects the broker to whatever the test has there. */
function slowHomeserver(number: number): Promise<void> {
  return again((turn) => {
    const [from, at] = [address(6, (number * 7_919 + turn) % attack.addresses), number * 997 + turn];
    const homeserver = `https://20.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
    return ask(from, "POST", "/sessions", {}, JSON.stringify({ server: "mx", provider_options: { homeserver } }));
  });
}

const HOST = "Host: 127.0.0.1\r\n";
process.on("message", () => {
  isOver = true;
  const answers: Answers = { open: most, statuses };
  process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit());
});
for (let i = 0; i < attack.floods; i++) void flood(i);
for (let i = 0; i < attack.guessers; i++) void guess(i);
for (let i = 0; i < attack.homeservers; i++) void slowHomeserver(i);
await Promise.all([
  holdMany(attack.idle, 1, ""),
  holdMany(attack.headers, 2, `GET / HTTP/1.1\r\n${HOST}X-Slow: `),
  holdMany(attack.bodies, 3, `POST /sessions HTTP/1.1\r\n${HOST}Content-Length: 16000\r\n\r\n{`),
]);
/** Each kind has met its limit, however slow the machine is. */
const met = () => (attack.floods === 0 || statuses["413"]) && (attack.guessers === 0 || statuses["429"]);
while (!met()) await new Promise((next) => setTimeout(next, 20));
process.send?.("all are here");
