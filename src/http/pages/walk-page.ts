import { createHash } from "node:crypto";
import { html, trusted } from "../../html.ts";
import type { Simulator, WalkFiles } from "../app-types.ts";
import { htmlHeaders } from "./page.ts";
import { WALK_STYLE } from "./walk-style.ts";

const STYLE_HASH = sha256(WALK_STYLE);

/** Its own scripts, and requests to any server: that is what it is for. */
export function walkPage({ entry, packages }: WalkFiles, simulators: readonly Simulator[], mount: string) {
  const imports = Object.fromEntries([...packages].map(([name, path]) => [name, `/walk/${path}`]));
  const importMap = JSON.stringify({ imports });
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${sha256(importMap)}'`,
    `style-src 'sha256-${STYLE_HASH}'`,
    "connect-src https: http:",
    "img-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Matrix login, step by step – Coatcheck</title>
<style>${trusted(WALK_STYLE)}</style>
<script type="importmap">${trusted(importMap)}</script>
<script type="module" src="/walk/${entry}"></script>
</head>
<body>
<main data-simulators="${JSON.stringify(simulators)}" data-mount="${mount}">
<noscript><p>This page needs scripts, because it sends all requests itself. To do the same without a browser:
<code>coatcheck walk HOMESERVER</code></p></noscript>
</main>
</body>
</html>
`;
  return { headers: htmlHeaders(policy), html: page.text };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
