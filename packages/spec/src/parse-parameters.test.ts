import { DecimalValue, FloatValue } from "@lava/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { parseActionParameters, parseJobParameters } from "./parse-parameters.ts";

describe("parameters of jobs", () => {
  test("defaults are filled in where the original has them", () => {
    expect(parseJobParameters("cmd", {})).toEqual({ args: [], env: {}, jinja: true, vars: {} });
    expect(parseJobParameters("redshift_unload", UNLOAD)).toMatchObject({
      insecure: false,
      stop_on_fail: true,
    });
  });

  test("values are read leniently: numbers of DynamoDB, text for true and false (WK-179)", () => {
    const warnings: string[] = [];

    const parameters = parseJobParameters(
      "sql",
      {
        conn_id: "c",
        batch_size: new DecimalValue("10"),
        header: "no",
        raw: "Yes",
        transaction: new DecimalValue("1"),
        quoting: "ALL",
        escapechar: null,
        output: "",
      },
      (text) => warnings.push(text),
    );

    expect(parameters).toMatchObject({
      batch_size: 10,
      header: false,
      raw: true,
      transaction: true,
      quoting: "all",
      escapechar: null,
    });
    expect(parameters.output).toBeUndefined();
    expect(warnings).toEqual([
      "header is text, not true or false: taken as false",
      "raw is text, not true or false: taken as true",
    ]);
  });

  test("arguments and variables become text as Python writes them (WK-102)", () => {
    const args = ["x", new DecimalValue("1.50"), true, null, new FloatValue(2), 12n];

    const parameters = parseJobParameters("exe", { args, env: { A: new DecimalValue("1") } });

    expect(parameters.args).toEqual(["x", "1.50", "True", "None", "2.0", "12"]);
    expect(parameters.env).toEqual({ A: "1" });
    expectTypeOf(parameters.args).toEqualTypeOf<string[]>();
  });

  test("durations and sizes stay as they are: who uses them says what is wrong with them", () => {
    expect(parseJobParameters("cmd", { timeout: new DecimalValue("60") }).timeout).toBe(60);
    expect(parseJobParameters("cmd", { timeout: "soon" }).timeout).toBe("soon");
  });

  test("the values of a foreach are told apart by type", () => {
    const range = { type: "range", stop: new DecimalValue("3") };
    const inline = { type: "inline", values: [{ n: new DecimalValue("1.5") }] };

    expect(parseJobParameters("foreach", { foreach: range }).foreach).toEqual({
      type: "range",
      start: 0,
      stop: 3,
      step: 1,
    });
    expect(parseJobParameters("foreach", { foreach: inline }).foreach).toEqual(inline);
  });

  test("a log job takes anything (JOB-log-01)", () => {
    expect(parseJobParameters("log", { a: { b: [1] } })).toEqual({ a: { b: [1] } });
  });

  const UNLOAD = {
    conn_id: "c",
    bucket: "b",
    schema: "s",
    relation: "r",
    args: [],
    prefix: "p",
  };

  test.each([
    ["cmd", { x: 1, a: 2 }, "Bad job parameters: Unexpected keys: a, x"],
    ["cmd", { connections: {} }, "Bad job parameters: Unexpected keys: connections"],
    ["cmd", { args: "x" }, "Bad job parameters: args: must be a list"],
    ["exe", { vars: [] }, "vars must be a map/dict"],
    ["exe", { connections: [] }, "connections parameter must be a map"],
    ["exe", { connections: { "a b": "c" } }, "Bad connection label: a b"],
    ["exe", { env: { A: [] } }, "Bad environment variable: A: expected text"],
    [
      "db_from_s3",
      {},
      "Bad job parameters: Missing keys: bucket, db_conn_id, key, mode, schema, table",
    ],
    [
      "db_from_s3",
      { bucket: "b", db_conn_id: "c", key: "k", mode: "x", schema: "", table: "t" },
      "Bad mode: x",
    ],
    ["docker", { host_config: { x: 1 } }, "Bad host_config parameters: Unexpected keys: x"],
    ["foreach", {}, "Bad job parameters: Missing keys: foreach"],
    ["foreach", { foreach: { type: "rang" } }, "No foreach handler for type rang"],
    ["foreach", { foreach: { stop: 1 } }, "Missing keys: type"],
    ["foreach", { foreach: { type: "csv" } }, "Missing keys: filename"],
    ["foreach", { foreach: { type: "csv", filename: "f", x: 1 } }, "Unexpected keys: x"],
    [
      "foreach",
      { foreach: { type: "inline", values: [1] } },
      "values must be a sequence of objects",
    ],
    ["pkg", {}, "Bad job parameters: No command"],
    [
      "pkg",
      { command: "a", main: "b" },
      'Bad job parameters: Only one of "command" or "main" (deprecated) allowed',
    ],
    ["redshift_unload", { ...UNLOAD, prefix: "" }, "Bad job parameters: prefix is required"],
    [
      "sql",
      { conn_id: "c", batch_size: "x" },
      "Bad batch_size: invalid literal for int() with base 10: 'x'",
    ],
    ["sql", { conn_id: "c", batch_size: 0 }, "Bad batch_size: Must be >= 1"],
    ["sql", { conn_id: "c", quoting: "some" }, "Bad quoting style: SOME"],
    ["sql", { conn_id: "c", output: "a/b" }, "Bad output parameter: Must be alphanumeric"],
    [
      "sharepoint_put_list",
      { conn_id: "c", list: "l", file: "f", mode: "insert" },
      "Invalid mode: insert",
    ],
  ] as const)("%s refuses %j with the original's text", (type, parameters, message) => {
    expect(() => parseJobParameters(type, parameters)).toThrow(
      expect.objectContaining({ code: "BAD_JOB_PARAMETERS", message, retry: "never" }),
    );
  });
});

describe("fields of actions", () => {
  test("`action` itself may be there", () => {
    const parameters = parseActionParameters("log", { action: "log", message: "m" });

    expect(parameters).toEqual({ message: "m" });
  });

  test("some actions ignore other fields, as the original does; others refuse them", () => {
    expect(parseActionParameters("dispatch", { job_id: "j", extra: 1 })).toEqual({ job_id: "j" });
    expect(() => parseActionParameters("state", { state_id: "s", value: 1, extra: 1 })).toThrow(
      "Unexpected keys: extra",
    );
  });

  test("numbers of DynamoDB are kept in values (ACT-state-01)", () => {
    const value = { n: new DecimalValue("1.5") };

    expect(parseActionParameters("state", { state_id: "s", value }).value).toEqual(value);
  });

  test.each([
    ["dispatch", {}, "Missing keys: job_id"],
    ["email", { action: "email" }, "Missing keys: message, subject, to"],
    ["slack", { slack_conn: "c", message: "m", style: "x" }, "Bad slack message style: x"],
    ["state", { state_id: "s", value: 1, type: "x" }, "x: No such state type"],
  ] as const)("%s refuses %j with the original's text", (type, parameters, message) => {
    expect(() => parseActionParameters(type, parameters)).toThrow(
      expect.objectContaining({ code: "BAD_ACTION_PARAMETERS", message }),
    );
  });
});
