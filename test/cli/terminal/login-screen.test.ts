import assert from "node:assert/strict";
import { test } from "node:test";
import type { Output } from "../../../src/cli/frame/output.ts";
import { createLoginScreen } from "../../../src/cli/terminal/login-screen.ts";

test("CLI-7 plain: one line at first, then one for about each half minute of the code's life that has passed", () => {
  const lines: string[] = [];
  const out = {
    plain: true,
    note: (line: string) => void lines.push(line),
    style: (_style: string, text: string) => text,
  };
  const shown = { server: "s", name: "n", host: "h", userCode: "C", verificationUri: "https://as", expiresIn: 600 };
  const screen = createLoginScreen(out as Output, shown, { qr: "none", keys: "" });
  for (const left of [600, 595, 590, 571, 570, 541]) screen.waiting(left);
  assert.deepEqual(lines, [
    "Waiting for approval",
    "Still waiting; the code expires in 9:31",
    "Still waiting; the code expires in 9:01",
  ]);
});
