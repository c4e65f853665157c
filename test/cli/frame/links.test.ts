import assert from "node:assert/strict";
import { test } from "node:test";
import { knowsLinks } from "../../../src/cli/frame/links.ts";

test("links are written where the terminal says that it knows them, and never within a multiplexer", () => {
  for (const [env, known] of [
    [{ TERM: "xterm-256color" }, false],
    [{ TERM: "xterm-256color", TERM_PROGRAM: "Apple_Terminal" }, false],
    [{ TERM: "xterm-256color", VTE_VERSION: "4800" }, false],
    [{ TERM: "xterm-256color", VTE_VERSION: "7200" }, true],
    [{ TERM: "xterm-kitty" }, true],
    [{ TERM: "xterm-256color", WT_SESSION: "x" }, true],
    [{ TERM: "xterm-256color", TERM_PROGRAM: "vscode" }, true],
    [{ TERM: "tmux-256color", TERM_PROGRAM: "WezTerm" }, false],
    [{ TERM: "xterm-kitty", TMUX: "/tmp/x" }, false],
    [{ TERM: "dumb", VTE_VERSION: "7200" }, false],
    [{}, false],
  ] as const) {
    assert.equal(knowsLinks(env), known, JSON.stringify(env));
  }
});
