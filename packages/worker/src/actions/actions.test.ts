import { readdirSync } from "node:fs";
import type { Data, DataMap } from "@lava/core";
import { parseActionParameters, type ActionType } from "@lava/spec";
import { describe, expect, test } from "vitest";
import { type HandlerRun, testContext } from "../../test/handler-context.ts";
import type { ActionContext, ActionHandler } from "../action.ts";
import { dispatch } from "./dispatch.ts";
import { builtinActions } from "./index.ts";
import { log } from "./log.ts";
import { state } from "./state.ts";

async function runAction<T extends ActionType>(
  action: ActionHandler<T>,
  parameters: DataMap,
  run: Partial<HandlerRun> = {},
) {
  const { context, trace } = testContext("log", { payload: null, ...run });
  const actionContext: ActionContext = { ...context, event: "on_success", actionKey: "key-0" };
  await action.run(parseActionParameters(action.type, parameters), actionContext, {
    exit_status: 3,
  });
  return trace;
}

test("the record has every file of the folder, by its name", () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => !name.includes(".test.") && name !== "index.ts")
    .map((name) => name.replace(".ts", ""));

  expect(Object.keys(builtinActions).sort()).toEqual(files.sort());
  for (const [name, { type }] of Object.entries(builtinActions)) expect(type).toBe(name);
});

describe("the dispatch action", () => {
  test("renders its target and parameters, with `result`, and sends under its own key (ACT-dispatch-01)", async () => {
    const { dispatched } = await runAction(dispatch, {
      job_id: "{{ job.job_id }}/next",
      parameters: { args: ["{{ result.exit_status }}"] },
      delay: "1m",
    });

    expect(dispatched).toEqual([
      { job_id: "test/job/next", parameters: { args: ["3"] }, delay: 60, key: "key-0" },
    ]);
  });

  test.each([
    [{ delay: "20m" }, "Bad delay: 1200: Must be between 0 and 15 minutes"],
    [{ parameters: { a: "{{ nope.x }}" } }, "Cannot render parameters - 'nope.x' is undefined"],
    [{ job_id: "{{ nope.x }}" }, "Cannot render target job_id - 'nope.x' is undefined"],
  ])("refuses %o", async (fields, message) => {
    await expect(runAction(dispatch, { job_id: "a", ...fields })).rejects.toThrow(message);
  });
});

test("the log action logs its rendered message at info (ACT-log-01)", async () => {
  const { logs } = await runAction(log, { message: "ended with {{ result.exit_status }}" });

  expect(logs).toEqual([{ level: "info", message: "ended with 3" }]);
});

describe("the state action", () => {
  const put = async (parameters: DataMap): Promise<readonly unknown[]> => {
    const { states } = await runAction(state, parameters);
    expect(states).toHaveLength(1);
    return states[0] ?? [];
  };

  test("stores its rendered value, published by the job (ACT-state-01, WF-226)", async () => {
    const value: Data = { n: 1, text: "{{ result.exit_status }}" };

    expect(await put({ state_id: "s/{{ job.job_id }}", value })).toEqual([
      "s/test/job",
      { n: 1, text: "3" },
      { publisher: "test/job" },
    ]);
  });

  test("hands on type, time to live, publisher and key", async () => {
    const parameters = { type: "secure", ttl: "1h", publisher: "me", kms_key: "alias/k" };

    expect(await put({ state_id: "s", value: "v", ...parameters })).toEqual([
      "s",
      "v",
      { type: "secure", ttl: "1h", publisher: "me", kms_key: "alias/k" },
    ]);
  });

  test("refuses reserved ids, also when they are rendered (STATE-10)", async () => {
    const refusal = 'Bad state_id: Values beginning with "lava" are reserved';

    await expect(put({ state_id: "{{ globals.g }}", value: 1 })).rejects.toThrow("Bad state_id: ");
    const { globals } = { globals: { g: "Lava/x" } };
    await expect(
      runAction(state, { state_id: "{{ globals.g }}", value: 1 }, { globals }),
    ).rejects.toThrow(refusal);
  });
});
