import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { type DispatchMessage, formatDispatchMessage, parseDispatchMessage } from "./message.ts";

const message: DispatchMessage = {
  realm: "dev",
  worker: "core",
  job_id: "t/cmd",
  run_id: "ed15497e-c8c9-4bf4-abdf-21b90037971c",
  ts_dispatch: "2026-11-23T18:47:15+11:00",
};

const without = (key: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(message).filter(([name]) => name !== key)));

test("a message of the original is read as it is", () => {
  const body = `{"realm": "dev", "worker": "core", "job_id": "t/cmd", "run_id": "ed15497e-c8c9-4bf4-abdf-21b90037971c", "ts_dispatch": "2026-11-23T18:47:15+11:00", "parameters": {"env": {"FOO": "{{start}}"}}, "globals": {"a": 1.5, "z": 1.0, "n": NaN, "b": [2, true, null]}}`;

  const parsed = parseDispatchMessage(body);

  expect(parsed).toMatchObject({ ...message, parameters: { env: { FOO: "{{start}}" } } });
  expect(parsed.globals).toEqual({
    a: 1.5,
    z: new FloatValue(1),
    n: Number.NaN,
    b: [2, true, null],
  });
});

test("what is written is read back, kinds of numbers and all (WF-002)", () => {
  const sent: DispatchMessage = {
    ...message,
    parameters: { float: new FloatValue(2), big: 12345678901234567890n, list: ["é", false] },
    globals: { lava: { iteration: 1 } },
  };

  expect(parseDispatchMessage(formatDispatchMessage(sent))).toEqual(sent);
});

test("empty parameters and globals are left out, never null (WF-074)", () => {
  expect(formatDispatchMessage({ ...message, parameters: {}, globals: {} })).toBe(
    '{"realm": "dev", "worker": "core", "job_id": "t/cmd", "run_id": "ed15497e-c8c9-4bf4-abdf-21b90037971c", "ts_dispatch": "2026-11-23T18:47:15+11:00"}',
  );
});

test("a number of DynamoDB is sent with its digits (WF-075)", () => {
  const body = formatDispatchMessage({ ...message, globals: { n: new DecimalValue("1.10") } });

  expect(body).toContain('"globals": {"n": 1.10}');
});

test.each([
  ["not json", /^Malformed dispatch message: .+: not json$/],
  ["[1]", /^Malformed dispatch message: not an object/],
  [without("run_id"), /^Malformed dispatch message: Missing keys: run_id$/],
  ["{}", /^Malformed dispatch message: Missing keys: job_id, realm, run_id, ts_dispatch, worker$/],
  [
    JSON.stringify({ ...message, x: 1, a: 2 }),
    /^Malformed dispatch message: Unexpected keys: a, x$/,
  ],
  [JSON.stringify({ ...message, ts_dispatch: "" }), /^Bad timestamp in dispatch message: /],
  [JSON.stringify({ ...message, parameters: null }), /parameters must be a dict$/],
  [JSON.stringify({ ...message, globals: [] }), /globals must be a dict$/],
  [JSON.stringify({ ...message, job_id: 7 }), /job_id must be a string$/],
])("the body %s is refused with the original's text (WK-030..032)", (body, text) => {
  expect(() => parseDispatchMessage(body)).toThrow(
    expect.objectContaining({
      code: "BAD_DISPATCH_MESSAGE",
      message: expect.stringMatching(text),
    }),
  );
});
