import assert from "node:assert/strict";
import { test } from "node:test";
import {
  COMMENT,
  EventReader,
  EventTooLong,
  eventText,
  messageEvent,
  type ServerEvent,
} from "../../src/mcp/event-stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Read whole, and byte by byte: it must not matter how a stream comes. */
function eventsOf(text: string): readonly ServerEvent[] {
  const whole = new EventReader(1_000).push(bytes(text));
  const slow = new EventReader(1_000);
  assert.deepEqual(
    [...bytes(text)].flatMap((byte) => slow.push(Uint8Array.of(byte))),
    whole,
  );
  return whole;
}

test("MCP-B1 an event stream is read as it is written, with any end of line and in any pieces", () => {
  const table = [
    ["data: {}\n\n", [{ data: "{}" }]],
    ["data:{}\r\n\r\n", [{ data: "{}" }]],
    ["data:  x\r\rdata: y\r\r", [{ data: " x" }, { data: "y" }]],
    ["\uFEFFdata: bom\n\n", [{ data: "bom" }]],
    [
      "event: message\nid: 7\nretry: 500\ndata: a\ndata: b\n\n",
      [{ event: "message", id: "7", retry: 500, data: "a\nb" }],
    ],
    [": comment\n\n:\n\ndata: ü€𝄞\n\n", [{ data: "ü€𝄞" }]],
    ["id: 1\nretry: 5x\ndata:\n\n", [{ id: "1", data: "" }]],
    ["id\ndata\n\n", [{ id: "", data: "" }]],
    ["id: 3\n\n", [{ id: "3", data: "" }]],
    ["id: a\0b\nunknown: 1\ndata: x\n\n", [{ data: "x" }]],
    ["data: whole\n\ndata: never ended\n", [{ data: "whole" }]],
  ] as const;
  for (const [text, expected] of table) assert.deepEqual(eventsOf(text), expected, JSON.stringify(text));
});

test("MCP-B1 an event that is too long is refused, be it one line, many, or one that never ends", () => {
  for (const text of [`data: ${"x".repeat(100)}\n\n`, "data: xxxxxxxxxx\n".repeat(10), "x".repeat(101)]) {
    assert.throws(() => new EventReader(100).push(bytes(text)), EventTooLong);
  }
  const reader = new EventReader(100);
  for (let count = 0; count < 20; count++) assert.equal(reader.push(bytes(`data: ${"x".repeat(50)}\n\n`)).length, 1);
});

test("MCP-G1 what is written is read again as the same event", () => {
  const events = [{ data: "a\nb", event: "message", id: "9", retry: 0 }, { data: "" }];
  assert.deepEqual(eventsOf(events.map(eventText).join(COMMENT)), events);
  assert.deepEqual(eventsOf(messageEvent({ jsonrpc: "2.0", id: 1 })), [
    { event: "message", data: '{"jsonrpc":"2.0","id":1}' },
  ]);
});
