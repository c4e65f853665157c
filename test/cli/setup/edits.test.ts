import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { parse as parseYaml } from "yaml";
import { type Entry, type Format, insertInto, withoutRanges } from "../../../src/cli/setup/agents/edits.ts";
import { json } from "../../../src/cli/setup/agents/json.ts";
import { toml } from "../../../src/cli/setup/agents/toml.ts";
import { yaml } from "../../../src/cli/setup/agents/yaml.ts";

const ENTRY: Entry = {
  command: "/usr/bin/node",
  args: ['a "b" \\ c', "é\n"],
  env: { "A.B": "x" },
  timeout: 30,
  on: true,
};

/** The entry goes in and is there, and taken back as it went in it leaves the text; answers the text with it. */
function goesIn(format: Format, text: string, path: readonly string[]): string {
  const { text: after, ranges } = insertInto(text, format.insert(text, path, ENTRY));
  assert.equal(withoutRanges(after, ranges), text);
  return after;
}

/** The same by its place: nothing of the entry is left, and every other word stays. */
function comesOut(format: Format, text: string, path: readonly string[]): string {
  return withoutRanges(text, format.remove(text, path));
}

const PATH = ["mcpServers", "ours"];
const OURS = { mcpServers: { ours: ENTRY } };

/** Text before → text after, with `…` for the entry's own lines. */
const JSONS: readonly (readonly [before: string, after: string])[] = [
  ["", '{\n  "mcpServers": {\n    "ours": …\n  }\n}\n'],
  ["{}", '{\n  "mcpServers": {\n    "ours": …\n  }\n}'],
  ["// mine\n{\n}\n", '// mine\n{\n  "mcpServers": {\n    "ours": …\n  }\n}\n'],
  [
    '{\n\t"a": [1,2], // why\n\t"mcpServers": {\n\t\t"b": {} // last\n\t\t// "c": {}\n\t},\n}',
    '{\n\t"a": [1,2], // why\n\t"mcpServers": {\n\t\t"b": {}, // last\n\t\t// "c": {}\n\t\t"ours": …\n\t},\n}',
  ],
  [
    '{\r\n    "mcpServers": {\r\n        "b": {},\r\n    },\r\n}\r\n',
    '{\r\n    "mcpServers": {\r\n        "b": {},\r\n        "ours": …,\r\n    },\r\n}\r\n',
  ],
  ['\ufeff{"a":1}', '\ufeff{"a":1,\n  "mcpServers": {\n    "ours": …\n  }\n}'],
  ['{"mcpServers":{"b":{}}}', '{"mcpServers":{"b":{},\n  "ours": …\n}}'],
];

test("MCP-U1 JSON with comments: the entry goes in behind what is there, in the file's own way of writing", () => {
  for (const [before, expected] of JSONS) {
    const after = goesIn(json, before, PATH);
    const ours = /"ours": (\{[\s\S]*?"on": true\s*\})/.exec(after)?.[1] ?? "";
    assert.deepEqual(JSON.parse(ours), ENTRY);
    assert.equal(after.replace(ours, "…"), expected);
    assert.deepEqual((json.read(after) as typeof OURS).mcpServers.ours, ENTRY);
  }
});

test("MCP-U1 JSON with comments: by its place the entry alone goes, with its comma", () => {
  for (const [before, after] of [
    ['{"mcpServers": {"ours": {}, "b": {}}}', '{"mcpServers": { "b": {}}}'],
    ['{"mcpServers": {"b": {}, "ours": {}}}', '{"mcpServers": {"b": {}}}'],
    ['{"mcpServers": {\n  "b": {}, // b\n  "ours": {} // mine\n}}', '{"mcpServers": {\n  "b": {} // b\n   // mine\n}}'],
    ['{"mcpServers": {\n  "ours": {} /* x */,\n}}', '{"mcpServers": { /* x */\n}}'],
    ['{"mcpServers": {\n  "b": {},\n  "ours": {},\n}}', '{"mcpServers": {\n  "b": {},\n}}'],
    ['{"mcpServers": { // c\n  "ours": {}, "b": 1}}', '{"mcpServers": { // c\n   "b": 1}}'],
    ['{"mcpServers": { // c\n  "ours": {},\n  "b": 1}}', '{"mcpServers": { // c\n  "b": 1}}'],
    ['{"mcpServers": {"b": {}}}', '{"mcpServers": {"b": {}}}'],
    ["{}", "{}"],
    ["", ""],
  ] as const) {
    assert.equal(comesOut(json, before, PATH), after);
  }
});

/** JSON as people have it: blanks, ends of lines and comments between all words, and commas at the end. */
const gap = fc.constantFrom("", " ", "\n", "\r\n\t", " // it is {so,\n", "/* , } */", "\n  ");
const written: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("1", "null", '"a,}"', "true", "[]", '[1, {"x": 2},]'),
    tie("object"),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.constantFrom("a", "mcpServers", "ours2", "b c"), { maxLength: 3 }),
      fc.array(tie("value"), { minLength: 3, maxLength: 3 }),
      fc.array(gap, { minLength: 12, maxLength: 12 }),
      fc.boolean(),
    )
    .map(([keys, values, gaps, comma]) => {
      const next = () => gaps.shift() ?? " ";
      const members = keys.map((key, at) => `${next()}"${key}"${next()}:${next()}${values[at]}${next()}`);
      return `{${members.join(",")}${comma && keys.length > 0 ? "," : ""}${next()}}`;
    }),
})).object;

test("MCP-U1 JSON with comments: whatever stands there, the entry goes in and comes out, and nothing else changes", () => {
  let reached = 0;
  const rule = fc.property(written, fc.constantFrom(PATH, ["ours"]), (text, path) => {
    const before = json.read(text) as Record<string, unknown>;
    const servers = before.mcpServers;
    const isTable = typeof servers === "object" && servers !== null && !Array.isArray(servers);
    if (path.length === 2 && servers !== undefined && !isTable) {
      assert.throws(() => json.insert(text, path, ENTRY), /mcpServers is not a table/);
      return;
    }
    reached += 1;
    const after = goesIn(json, text, path);
    const expected =
      path.length === 1
        ? { ...before, ours: ENTRY }
        : { ...before, mcpServers: { ...(servers as object), ours: ENTRY } };
    assert.deepEqual({ ...(json.read(after) as object) }, expected);
    const left = comesOut(json, after, path);
    assert.deepEqual(json.read(left), path.length === 1 || servers ? before : { ...before, mcpServers: {} });
    const words = (one: string) => one.replace(/\s/g, "");
    if (path.length === 1 || servers) assert.equal(words(left), words(text));
  });
  fc.assert(rule, { numRuns: 300 });
  assert.ok(reached > 200);
});

const TOML_PATH = ["mcp_servers", "ours"];

test("MCP-U1 TOML: a table at the end, and by its place it goes with its tables below", () => {
  const other =
    '# mine\nmodel = "x" # why\n\n[mcp_servers."a.b"]\ncommand = \'y\'\ntext = """\n[mcp_servers.ours]\n"""\n';
  for (const before of ["", "# mine", "a = 1\r\n", other, "[[x]]\ny = 1979-05-27T07:32:00Z\n"]) {
    const after = goesIn(toml, before, TOML_PATH);
    const { mcp_servers } = getStaticTOMLValue(parseTOML(after)) as { mcp_servers: { ours: unknown } };
    assert.deepEqual(mcp_servers.ours, ENTRY);
    assert.equal(comesOut(toml, after, TOML_PATH), before === "# mine" ? "# mine\n" : before);
  }
  const touched = `${other}\n[mcp_servers.ours]\ncommand = "x"\n\n[mcp_servers.ours.env]\nA = "b"\n\n[z]\n`;
  assert.equal(comesOut(toml, touched, TOML_PATH), `${other}\n[z]\n`);
  assert.throws(() => toml.insert("a = \n", TOML_PATH, ENTRY), /it is not valid TOML/);
});

const YAML_PATH = ["extensions", "ours"];

test("MCP-U1 YAML: the first of its table, whatever its style, and by its place it goes with its lines", () => {
  const block =
    "# mine\nmodel: x # why\nextensions:\n  # first\n  dev:\n    enabled: true # on\ntext: |\n  extensions:\n";
  for (const before of ["", "# mine\n", "model: x", "extensions:\n", "extensions:\r\n", "extensions: {}\n", block]) {
    const after = goesIn(yaml, before, YAML_PATH);
    assert.deepEqual(parseYaml(after).extensions.ours, ENTRY, after);
    const { extensions: _ours, ...rest } = parseYaml(after);
    const { extensions: _theirs, ...were } = parseYaml(before) ?? {};
    assert.deepEqual(rest, were);
  }
  assert.equal(comesOut(yaml, goesIn(yaml, block, YAML_PATH), YAML_PATH), block);
  const flow = goesIn(yaml, "extensions: {dev: {enabled: true}} # all\n", YAML_PATH);
  assert.deepEqual(parseYaml(flow).extensions, { ours: ENTRY, dev: { enabled: true } });
  assert.throws(() => yaml.insert("extensions: [a]\n", YAML_PATH, ENTRY), /extensions is not a table/);
  assert.throws(() => yaml.insert("a: [\n", YAML_PATH, ENTRY), /it is not valid YAML/);
});
