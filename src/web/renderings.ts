import type { Exchange } from "../walk/index.ts";

/** The request for a shell. */
export function asCurl({ method, url, headers, body, bodyKind }: Exchange): string {
  const members = bodyKind === "form" ? [...new URLSearchParams(body)] : [];
  return [
    `curl -X ${method} ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...members.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    ...(bodyKind === "json" ? [`--data-raw ${quoted(body ?? "")}`] : []),
  ].join(" \\\n  ");
}

/** For a POSIX shell: nothing has a meaning between single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The request for a program. */
export function asTypeScript({ method, url, headers, body, bodyKind }: Exchange): string {
  const init = [
    `method: ${JSON.stringify(method)}`,
    `headers: ${JSON.stringify(headers)}`,
    ...(bodyKind === "form"
      ? [`body: new URLSearchParams(${JSON.stringify(Object.fromEntries(new URLSearchParams(body)))})`]
      : []),
    ...(bodyKind === "json" ? [`body: JSON.stringify(${body})`] : []),
  ];
  return `const response = await fetch(${JSON.stringify(url)}, {\n  ${init.join(",\n  ")},\n});`;
}
