import { gzipSync } from "node:zlib";
import type { Exchange, Fault } from "./misbehaving.ts";

type Headers = Readonly<Record<string, string>>;

export function raw(status: number, body: string | Buffer, headers: Headers = {}): Fault {
  return ({ response }) => void response.writeHead(status, { ...headers }).end(body);
}

export function json(status: number, body: unknown, headers: Headers = {}): Fault {
  return raw(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
}

/** The proper answer, with other members, status or headers. */
export function proper(change: Record<string, unknown> = {}, status?: number, headers: Headers = {}): Fault {
  return (exchange) => {
    const answer = exchange.proper();
    return json(status ?? answer.status, { ...answer.body, ...change }, { ...answer.headers, ...headers })(exchange);
  };
}

export function oauthError(error: string, status = 400, extra: Record<string, unknown> = {}): Fault {
  return json(status, { error, ...extra });
}

export function html(status: number): Fault {
  return raw(status, "<!doctype html><title>Oops</title><h1>Gateway</h1>", { "content-type": "text/html" });
}

export function empty(status: number, headers: Headers = {}): Fault {
  return raw(status, "", headers);
}

export function redirect(status: number, location: string): Fault {
  return raw(status, "", { location });
}

/** A form-encoded answer (GitHub without an Accept header, many gateways). */
export function form(status: number, members: Readonly<Record<string, string>>): Fault {
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  return raw(status, new URLSearchParams(members).toString(), headers);
}

/** Never answers. */
export const hang: Fault = () => {};

/** Commits, then never answers. */
export const commitThenHang: Fault = (exchange) => void exchange.proper();

/** Reads the request, then the connection breaks; nothing was committed. */
export const reset: Fault = ({ request }) => void request.socket.resetAndDestroy();

/** Commits (a rotation, say), then the connection breaks before the answer. */
export const commitThenReset: Fault = (exchange) => {
  exchange.proper();
  exchange.request.socket.resetAndDestroy();
};

/** Commits, then answers with a server error. */
export function commitThen(status: number): Fault {
  return (exchange) => {
    exchange.proper();
    return html(status)(exchange);
  };
}

/** The proper answer, cut off after `bytes` of its body. */
export function cutAfter(bytes: number): Fault {
  return (exchange) => {
    const body = Buffer.from(JSON.stringify(exchange.proper().body));
    exchange.response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    exchange.response.write(body.subarray(0, bytes), () => exchange.request.socket.destroy());
  };
}

/** Ends cleanly, but with less than Content-Length promised. */
export const lyingLength: Fault = ({ request }) => {
  request.socket.end(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"access_token":"x"',
  );
};

/** One byte each `milliseconds`, for ever. */
export function drip(milliseconds: number): Fault {
  return ({ response }) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), milliseconds);
    response.once("close", () => clearInterval(timer));
  };
}

/** Body without end, as fast as it is read. */
export const endless: Fault = ({ response }) => {
  response.writeHead(200, { "content-type": "application/json" });
  const chunk = Buffer.alloc(65_536, " ");
  const more = () => {
    while (!response.destroyed && response.write(chunk)) {}
    if (!response.destroyed) response.once("drain", more);
  };
  more();
};

export function huge(bytes: number): Fault {
  return raw(200, Buffer.alloc(bytes, " "), { "content-type": "application/json" });
}

/** `megabytes` of nothing in a few kilobytes of gzip. */
export function gzipBomb(megabytes: number): Fault {
  const bomb = gzipSync(Buffer.alloc(megabytes * 1_048_576));
  return raw(200, bomb, { "content-type": "application/json", "content-encoding": "gzip" });
}

/** The proper answer, honestly compressed though nobody asked. */
export const gzipped: Fault = (exchange) => {
  const body = gzipSync(JSON.stringify(exchange.proper().body));
  return raw(200, body, { "content-type": "application/json", "content-encoding": "gzip" })(exchange);
};

/** An error whose description repeats every value of the request. */
export function echo(error: string): Fault {
  return (exchange: Exchange) => {
    const values = [...exchange.form.values()].join(" ");
    return json(400, { error, error_description: `you sent ${values}` })(exchange);
  };
}
