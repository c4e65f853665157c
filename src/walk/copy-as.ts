import { quoted } from "./command.ts";
import type { Exchange } from "./exchange.ts";

type Request = Pick<Exchange, "method" | "url" | "headers" | "body" | "bodyKind">;

/** The request for a POSIX shell, a form one member a line (MX-P2, MX-P4). */
export function asCurl({ method, url, headers, body = "", bodyKind }: Request): string {
  const data = bodyKind === "form" ? [...new URLSearchParams(body)] : [];
  return [
    `curl -X ${quoted(method)} ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...data.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    ...(bodyKind === "json" ? [`--data-raw ${quoted(body)}`] : []),
  ].join(" \\\n  ");
}

/** The request as a call of `fetch`. */
export function asTypeScript({ method, url, headers, body = "", bodyKind }: Request): string {
  const members = JSON.stringify(Object.fromEntries(new URLSearchParams(body)), undefined, 2).replaceAll("\n", "\n  ");
  const sent = bodyKind === "form" ? `new URLSearchParams(${members})` : JSON.stringify(body);
  const init = [
    `method: ${JSON.stringify(method)}`,
    `headers: ${JSON.stringify(headers, undefined, 2).replaceAll("\n", "\n  ")}`,
    ...(bodyKind === undefined ? [] : [`body: ${sent}`]),
  ];
  return `const response = await fetch(${JSON.stringify(url)}, {\n  ${init.join(",\n  ")},\n});\nconsole.log(response.status, await response.json());`;
}
