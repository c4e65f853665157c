import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "../../../src/cli/frame/visible.ts";
import { forwardedAddress } from "../../../src/http/gate/network.ts";
import { cookieOf } from "../../../src/http/input/cookie.ts";
import { parseDurationSeconds } from "../../../src/http/input/duration.ts";
import { parseDecimal, parseFloat64, parseInteger } from "../../../src/http/input/go-numbers.ts";
import { parseJson } from "../../../src/http/input/parse-json.ts";
import { parseForm, parseQuery } from "../../../src/http/input/query.ts";
import { parseJws } from "../../../src/protocol/identity/jws.ts";
import { parseServerInput } from "../../../src/protocol/ladder/server-input.ts";
import { isNamePattern, namesOf } from "../../../src/providers/api-server-name.ts";

const LENGTH = 100_000;

/** Signs that an expression could try again and again, from each place. */
const PARTS = ["a", "a.", "-", "1", "1h", " ", ",", "%41", "a=", "; ", "[:", "\u001b", "\\", '"', "[", "/"];

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  visible,
  forwardedAddress,
  cookieOf: (text) => cookieOf(text, "a"),
  parseDurationSeconds,
  parseInteger,
  parseDecimal,
  parseFloat64,
  parseJson,
  parseForm,
  parseQuery,
  parseJws,
  parseServerInput: (text) => parseServerInput(text, true),
  isNamePattern,
  namesOf,
};

test("ST-33 S22 a long text is read once, whatever it repeats: no expression goes back over it", () => {
  const slow = Object.entries(READERS).flatMap(([name, read]) =>
    PARTS.flatMap((part) => {
      const text = `${part.repeat(LENGTH / part.length)}!`;
      const { user } = process.cpuUsage();
      try {
        read(text);
      } catch {
        // Refused is as good.
      }
      // What goes back over it takes ten seconds and more.
      const milliseconds = (process.cpuUsage().user - user) / 1_000;
      return milliseconds > 2_000 ? [`${name} of ${JSON.stringify(part)}: ${milliseconds} ms`] : [];
    }),
  );
  assert.deepEqual(slow, []);
});
