import { describe, expect, test } from "vitest";
import { lavaDispatch } from "../../test/events.ts";
import { parseRequests } from "./parse-requests.ts";

const parse = (body: Parameters<typeof parseRequests>[0]) => parseRequests(body, 15);
const one = (body: Parameters<typeof parseRequests>[0]) => parse(body)[0]?.request;
const fault = (body: Parameters<typeof parseRequests>[0]) => parse(body)[0]?.fault?.message;

describe("a command line (LAM-104..106, TRIG-13)", () => {
  test("has a job, a delay, globals and parameters; dots nest and all is text", () => {
    expect(one(`etl/load -d 1.5m -p vars.day=1 --param=vars.x='a b' -g A=b=c --glob n.m=`)).toEqual(
      {
        job_id: "etl/load",
        delay: 90,
        parameters: { vars: { day: "1", x: "a b" } },
        globals: { A: "b=c", n: { m: "" } },
        dispatch_id: undefined,
      },
    );
  });

  test("a name of any kind is a name like any other", () => {
    const parameters = one("a -p __proto__.x=1 -p constructor=2 -p __proto__.y=3")?.parameters;

    expect(JSON.stringify(parameters)).toBe('{"__proto__":{"x":"1","y":"3"},"constructor":"2"}');
    expect(Object.getPrototypeOf(parameters)).toBe(Object.prototype);
  });

  test("comments and blank lines are nothing; each other line is a run", () => {
    const body = "# all of them\n\na -p x=1 # why\r\n   b#c\n";

    expect(parse(body).map(({ request }) => request?.job_id)).toEqual(["a", "b"]);
  });

  test("half seconds are rounded to even, as Python does (T-57)", () => {
    expect([one("a -d 0.5")?.delay, one("a -d 1.5")?.delay, one("a -d2m")?.delay]).toEqual([
      0, 2, 120,
    ]);
  });

  test.each([
    ["a -p 'x=1", "Line 1: No closing quotation"],
    ["a\\", "Line 1: No escaped character"],
    ["a b c", "Line 1: unrecognized arguments: b c"],
    ["a -x 1", "Line 1: unrecognized arguments: -x 1"],
    ["a -p", "Line 1: argument -p/--param: expected one argument"],
    ["a -p -g x=1", "Line 1: argument -p/--param: expected one argument"],
    ["a -p x", "Line 1: argument -p/--param: must be in form name=value: x"],
    [
      "a -p x=1 -p x.y=2",
      "Line 1: Bad -p, --param args: x.y: the name has both a value and names below it",
    ],
    [
      "a -g x.y=1 -g x=2",
      "Line 1: Bad -g, --global args: x: the name has both a value and names below it",
    ],
    ["a -d soon", "Line 1: Bad delay: soon: Invalid duration: soon"],
    ["a -d -5", "Line 1: Bad delay: -5: must be between 0 and 15 minutes"],
    ["a -d 16m", "Line 1: Bad delay: 16m: must be between 0 and 15 minutes"],
    ["a -g lava.x=1", "Line 1: Reserved global: lava"],
    ["", "The message names no job"],
    ["# nothing", "The message names no job"],
  ])("%j is refused, and says why (LAM-105, LAM-106, LAM-116)", (line, message) => {
    expect(fault(line)).toBe(message);
  });

  test("a bad line does not stop the others, and keeps the name of its job (LAM-113)", () => {
    expect(parse("a\nb -d x\nc")).toMatchObject([
      { request: { job_id: "a" } },
      { job_id: "b", fault: { code: "BAD_DELAY" } },
      { request: { job_id: "c" } },
    ]);
  });

  test.each(["123", "true", "null", '"a/b"'])(
    "%s names a job: JSON begins with a bracket (TRAP-LAM-05)",
    (text) => {
      expect(one(text)?.job_id).toBe(text.replaceAll('"', ""));
    },
  );
});

describe("JSON (LAM-107, LAM-108)", () => {
  test("is an object or a list of them; values keep their types; x- fields are nobody's business", () => {
    const body = `[{"job_id": "a", "delay": "90.9", "parameters": {"n": 1.0, "l": [1]}, "x-note": 1}, {"job_id": "b", "delay": 5, "globals": null}]`;

    expect(parse(body)).toMatchObject([
      { request: { job_id: "a", delay: 90, parameters: { l: [1] } } },
      { request: { job_id: "b", delay: 5, globals: {} } },
    ]);
  });

  test("may carry a key of the sender's (LAM-115)", () => {
    expect(one({ job_id: "a", dispatch_id: "order-7" })?.dispatch_id).toBe("order-7");
  });

  test("is the detail of an event of type Lava Dispatch, without a transformer (LAM-114)", () => {
    expect(one(lavaDispatch({ job_id: "a" }))?.job_id).toBe("a");
    expect(fault(lavaDispatch({ job_id: "a" }, "Order Placed"))).toContain(
      '"Order Placed" holds no dispatch request',
    );
  });

  test.each([
    ['{"job_id": "a",}', /^Not valid JSON: /],
    ["[]", "The list of requests is empty"],
    ["{}", "Missing keys: job_id"],
    ['{"job_id": "a", "parms": {}}', "Unexpected keys: parms"],
    ['["a"]', '"a": must be a dict'],
    ['{"job_id": 7}', "job_id must be a string"],
    ['{"job_id": "a", "globals": [1]}', "globals must be a dict"],
    ['{"job_id": "a", "globals": {"LAVA_X": 1}}', "Reserved global: LAVA_X"],
    ['{"job_id": "a", "delay": 901}', "Bad delay: 901: must be between 0 and 15 minutes"],
    ['{"job_id": "a", "delay": {}}', /^Bad delay: \{\}/],
    ['{"job_id": "a", "dispatch_id": 1}', "dispatch_id must be a string"],
  ])("%s is refused, and says why", (text, message) => {
    expect(fault(text)).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message),
    );
  });

  test("nothing else is a request", () => {
    expect([fault(7), fault(null)]).toEqual([
      "A dispatch request must be an object, a list or text",
      "A dispatch request must be an object, a list or text",
    ]);
  });
});
