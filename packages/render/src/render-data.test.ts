import { DecimalValue, FloatValue, LavaError } from "@lava/core";
import { describe, expect, test } from "vitest";
import { createRenderer, pyDateTime, renderDeep, renderJson, toData } from "./index.ts";

const renderer = createRenderer();

describe("renderDeep", () => {
  test("renders each text and leaves the rest", () => {
    const value = { "{{ k }}": ["{{ x }}", 1, null, { a: "{{ x }}{{ x }}" }] };

    expect(renderDeep(renderer, value, { x: "v", k: "key" })).toEqual({
      "{{ k }}": ["v", 1, null, { a: "vv" }],
    });
  });

  test("says which leaf fails", () => {
    const work = (): unknown => renderDeep(renderer, { a: ["ok", "{{ q.r }}"] }, {});

    expect(work).toThrow("a[1]: 'q' is undefined");
    expect(caught(work).issues[0]?.path).toEqual(["a", 1]);
  });
});

describe("renderJson", () => {
  test("renders keys too, and every rendered leaf stays text (T-37)", () => {
    expect(renderJson(renderer, { "{{ k }}": "{{ 5 }}", n: 5 }, { k: "key" })).toEqual({
      key: "5",
      n: 5,
    });
  });

  test("a rendered value with quotes is rendered by its leaf (WK-135)", () => {
    expect(renderJson(renderer, { a: "{{ x }}", b: 'say "{{ y }}"' }, { x: 'q"\n', y: 1 })).toEqual(
      {
        a: 'q"\n',
        b: 'say "1"',
      },
    );
  });

  test("double quotes inside markup work by leaf", () => {
    expect(renderJson(renderer, { a: '{{ "x"|upper }}' }, {})).toEqual({ a: "X" });
  });

  test("Decimals become numbers (T-06)", () => {
    expect(renderJson(renderer, [new DecimalValue("2.0"), new DecimalValue("7")], {})).toEqual([
      new FloatValue(2),
      7,
    ]);
  });

  test("names the leaf that fails", () => {
    expect(() => renderJson(renderer, { a: { b: "{{ q.r }}" } }, {})).toThrow(
      "a.b: 'q' is undefined",
    );
  });
});

describe("toData", () => {
  test("makes ISO text of datetimes, deeply (WF-075)", () => {
    expect(toData({ a: [pyDateTime(0, "utc")], d: new DecimalValue("1") })).toEqual({
      a: ["1970-01-01T00:00:00+00:00"],
      d: new DecimalValue("1"),
    });
  });
});

function caught(work: () => unknown): LavaError {
  try {
    work();
  } catch (error) {
    if (error instanceof LavaError) return error;
  }
  throw new Error("no LavaError was thrown");
}
