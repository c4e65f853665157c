/** A `fetch` that answers from a list and remembers what it was asked: the library's own half, without a network. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
}

type Reply = Response | Error | ((recorded: Recorded) => Response | Promise<Response>);

export function recordingFetch(...replies: Reply[]) {
  const asked: Recorded[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.text();
    const recorded = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    asked.push(recorded);
    const reply = replies.shift();
    if (reply === undefined) throw new Error(`nothing to answer ${request.method} ${request.url} with`);
    if (reply instanceof Error) throw reply;
    return typeof reply === "function" ? reply(recorded) : reply;
  };
  return { fetch, asked };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

export const BROKER = "https://broker.example/below";
