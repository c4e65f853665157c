import type { OptionRule } from "./provider.ts";

export const TOKEN_PATH = {
  kind: "text",
  about: "the member of an answer that holds the tokens, such as `data`, or `data.tokens`",
  pattern: "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){0,7}",
  invalid: 'must be the name of a member, or several with dots between them, such as "data"',
} as const satisfies OptionRule;
