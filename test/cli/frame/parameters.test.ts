import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseParameters } from "../../../src/cli/frame/parameters.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("k=v: only the first = splits, a repeated key is a list, files and standard input give texts and objects", (t) => {
  const file = join(temporaryFolder(t), "x");
  writeFileSync(file, '{"a":1}\n');
  assert.deepEqual(parseParameters(["provider_options=issuer_url=https://x", "s=1", "s=2", "s=3", "e="]), {
    provider_options: "issuer_url=https://x",
    s: ["1", "2", "3"],
    e: "",
  });
  assert.deepEqual(parseParameters([`k=@${file}`, "t=\\@x"]), { k: '{"a":1}', t: "@x" });
  assert.deepEqual(parseParameters([`@${file}`, "b=2"]), { a: 1, b: "2" });
  assert.deepEqual(
    parseParameters(["refresh_token=-"], () => "secret\n"),
    { refresh_token: "secret" },
  );
  assert.deepEqual(
    parseParameters(["-"], () => '{"c":[1]}'),
    { c: [1] },
  );
});

test("CLI-8 a secret on the command line is refused, and said without it", () => {
  assert.throws(
    () => parseParameters(["client_secret=hush"]),
    (error: Error) => /client_secret=@FILE/.test(error.message) && !error.message.includes("hush"),
  );
});

test("what is no parameter is refused", () => {
  for (const bad of ["abc", "=x", "@/no/such/file", "k=@/no/such/file"])
    assert.throws(() => parseParameters([bad]), bad);
  assert.throws(() => parseParameters(["-"], () => "[1]"), /a JSON object/);
});

test("ST-37 a parameter that is named like a member of every object is one of its own", () => {
  assert.equal(parseParameters(["constructor=x"]).constructor, "x");
});
