import { CoatcheckError, resume, type Session, StepUpError } from "../../src/client/index.ts";

/** What a runtime is given: a broker, a session of it, and an API that answers as `runtimes.ts` says. */
export interface Places {
  readonly broker: string;
  readonly secret: string;
  readonly api: string;
  /** Another origin. */
  readonly other: string;
}

type Check = (session: Session, places: Places) => Promise<unknown>;

function isSame(what: string, found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one}, not ${other}`);
}

/** In this order, since the API's answers depend on what came before. No runtime's own modules: they run in Node, Deno, Bun and browsers. */
const CHECKS: Readonly<Record<string, Check>> = {
  "a token, and the same again": async (session) => isSame("token", await session.token(), await session.token()),

  "calls that get a 401 at once are one refresh, and each body is sent again": async (session, { api }) => {
    const bodies = ["text", new URLSearchParams({ a: "b" }), new Blob(["blob"]), new TextEncoder().encode("bytes")];
    const answers = await Promise.all(
      bodies.map((body) => session.fetch(`${api}/first-token-refused`, { method: "POST", body })),
    );
    isSame("bodies", await Promise.all(answers.map((one) => one.text())), ["text", "a=b", "blob", "bytes"]);
  },

  "a Request is taken as it is": async (session, { api }) => {
    const request = new Request(`${api}/echo`, { method: "PUT", body: "whole", headers: { "x-own": "1" } });
    const answer = await session.fetch(request);
    isSame(
      "echo",
      [answer.headers.get("x-method"), answer.headers.get("x-own"), await answer.text()],
      ["PUT", "1", "whole"],
    );
  },

  "a stream is sent": async (session, { api }) => {
    const body = new ReadableStream({
      start(controller) {
        for (const part of ["in ", "parts"]) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body, duplex: "half" };
    isSame("echo", await (await session.fetch(`${api}/echo`, init)).text(), "in parts");
  },

  "an answer is read as it comes, and an abort ends it": async (session, { api }) => {
    const stop = new AbortController();
    const { body } = await session.fetch(`${api}/events`, { signal: stop.signal });
    const reader = body?.getReader();
    isSame("event", new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
    stop.abort();
    const end = await reader?.read().then(
      ({ done }) => (done ? "done" : "more"),
      () => "rejected",
    );
    if (end === "more") throw new Error("it goes on");
  },

  "a redirect keeps the token at its origin and takes it to no other": async (session, { api }) => {
    isSame("own", await (await session.fetch(`${api}/redirect-here`)).text(), "with a token");
    isSame("other", await (await session.fetch(`${api}/redirect-away`)).text(), "without a token");
  },

  "origins that were not named get nothing": async (_session, { broker, secret, api, other }) => {
    const session = resume(secret, { broker, origins: [api] });
    const error = await session.fetch(`${other}/x`).catch((failure: unknown) => failure);
    if (!(error instanceof CoatcheckError)) throw new Error(`${error}`);
    isSame("code", error.code, "invalid_request");
  },

  "an API that wants more scopes is an error with code and address": async (session, { api }) => {
    const error = await session.fetch(`${api}/more-scopes`).catch((failure: unknown) => failure);
    if (!(error instanceof StepUpError)) throw new Error(`${error}`);
    isSame("scopes", error.scopes, ["more"]);
    if (!/^USER-\d+$/.test(error.prompt?.userCode ?? "")) throw new Error("no code");
  },

  "a session that is none is an error with a code": async (_session, { broker }) => {
    const error = await resume("ccs_none", { broker })
      .token()
      .catch((failure: unknown) => failure);
    if (!(error instanceof CoatcheckError)) throw new Error(`${error}`);
    isSame("status", error.status, 401);
  },
};

/** Runs all of them; answers their names. Rejects with the first that fails. */
export async function runChecks(places: Places): Promise<readonly string[]> {
  const session = resume(places.secret, { broker: places.broker });
  for (const [name, check] of Object.entries(CHECKS)) {
    await check(session, places).catch((error: unknown) => {
      throw new Error(`${name}: ${error}`, { cause: error });
    });
  }
  return Object.keys(CHECKS);
}

if (import.meta.main) {
  const names = await runChecks(JSON.parse(process.argv.at(-1) ?? ""));
  for (const name of names) console.log(name);
}
