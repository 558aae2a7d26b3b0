import { randomUUID } from "node:crypto";
import { errorText } from "@lava/core";
import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { number, type Row, text } from "../store.ts";
import type { CallOutcome } from "./environment.ts";
import { type FunctionRecord, type FunctionStore, LATEST } from "./function-store.ts";
import type { Invocation, Invoker } from "./invoker.ts";

/** Events that functions get without anybody waiting. */
export interface AsyncEvents {
  /** To be called inside `store.write`, so that the event comes with what caused it. Gives the id of the invocation. */
  add(name: string, qualifier: string | undefined, event: string): string;
  close(): Promise<void>;
}

/** Waits before the second and the third try, in ms. */
const WAITS = [60_000, 120_000];
/** Of one function at a time. */
const LANES = 2;
const DEFAULT_AGE = 21_600;

/** Keeps events in the database until their function has dealt with them, or they are given up. */
export function createAsyncEvents(
  context: EngineContext,
  functions: FunctionStore,
  invoker: Invoker,
): AsyncEvents {
  const { store, clock, deliveries, logger } = context;
  store.exec(
    `CREATE TABLE IF NOT EXISTS lambda_events (
       id INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT NOT NULL, name TEXT NOT NULL, qualifier TEXT NOT NULL,
       event TEXT NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT NULL, added INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX IF NOT EXISTS lambda_events_due ON lambda_events (name, due, id)`,
  );
  const working = new Map<string, Set<number>>();
  const under = new Set<Promise<void>>();
  let closed = false;

  function pump(name: string): void {
    if (closed) return;
    const busy = working.get(name) ?? new Set();
    working.set(name, busy);
    if (busy.size >= LANES) return;
    const rows = store
      .prepare("SELECT * FROM lambda_events WHERE name = ? AND due <= ? ORDER BY due, id LIMIT ?")
      .all(name, clock.now(), LANES * 2);
    for (const row of rows) {
      const id = number(row, "id");
      if (busy.has(id)) continue;
      if (busy.size >= LANES) return;
      busy.add(id);
      const work = run(name, row)
        .catch((error: unknown) => {
          logger.error(
            { function: name, error: errorText(error) },
            "an event could not be handled",
          );
        })
        .finally(() => {
          busy.delete(id);
          under.delete(work);
          pump(name);
        });
      under.add(work);
    }
  }

  async function run(name: string, row: Row): Promise<void> {
    const id = number(row, "id");
    const event = text(row, "event");
    const qualifier = text(row, "qualifier") || undefined;
    const remove = (): void =>
      store.write(() => void store.prepare("DELETE FROM lambda_events WHERE id = ?").run(id));
    let record: FunctionRecord;
    try {
      record = functions.get(name, qualifier);
    } catch {
      remove();
      return;
    }
    const { attempts: retries, age, onSuccess, onFailure } = retriesOf(name, qualifier);
    const request = text(row, "request");
    let invocation: Invocation;
    try {
      invocation = await invoker.invoke(record, event, { requestId: request });
    } catch (error) {
      if (!(error instanceof AwsError && error.status === 429)) throw error;
      postpone(id, 1000, false);
      return;
    }
    if (closed) return;
    const { fault } = invocation.outcome;
    const tries = number(row, "attempts") + 1;
    const isOld = clock.now() - number(row, "added") > age * 1000;
    if (fault !== undefined && tries <= retries && !isOld) {
      logger.warn({ function: name, error: fault.errorMessage }, "an event is tried again later");
      postpone(id, WAITS[tries - 1] ?? 120_000, true);
      return;
    }
    store.write(() => {
      const failed = fault !== undefined;
      if (failed)
        logger.error({ function: name, error: fault.errorMessage }, "an event was given up");
      if (failed && record.deadLetter !== undefined) {
        send(record.deadLetter, record, event, {
          RequestID: request,
          ErrorCode: "200",
          ErrorMessage: fault.errorMessage.slice(0, 1024),
        });
      }
      const destination = failed ? onFailure : onSuccess;
      if (destination !== undefined) {
        const condition = failed ? "RetriesExhausted" : "Success";
        const body = report(record, event, request, tries, invocation.outcome, condition);
        send(destination, record, JSON.stringify(body), {});
      }
      remove();
    });
  }

  function retriesOf(name: string, qualifier: string | undefined) {
    const known = functions.extras(name).retries[qualifier ?? LATEST];
    return known ?? { attempts: 2, age: DEFAULT_AGE, onSuccess: undefined, onFailure: undefined };
  }

  function postpone(id: number, ms: number, counts: boolean): void {
    store.write(() => {
      store
        .prepare("UPDATE lambda_events SET due = ?, attempts = attempts + ? WHERE id = ?")
        .run(clock.now() + ms, counts ? 1 : 0, id);
    });
  }

  function send(
    target: string,
    record: FunctionRecord,
    body: string,
    attributes: Readonly<Record<string, string>>,
  ): void {
    try {
      deliveries.deliver({
        target,
        source: functions.arn(record.name),
        body,
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, stringValue]) => [
            name,
            { dataType: name === "ErrorCode" ? "Number" : "String", stringValue },
          ]),
        ),
      });
    } catch (error) {
      logger.error({ function: record.name, target, error: errorText(error) }, "a result is lost");
    }
  }

  function report(
    record: FunctionRecord,
    event: string,
    requestId: string,
    approximateInvokeCount: number,
    { fault, json }: CallOutcome,
    condition: string,
  ): object {
    return {
      version: "1.0",
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: functions.arn(record.name, record.version),
        condition,
        approximateInvokeCount,
      },
      requestPayload: JSON.parse(event),
      responseContext: {
        statusCode: 200,
        executedVersion: record.version,
        ...(fault === undefined ? {} : { functionError: "Unhandled" }),
      },
      responsePayload: fault ?? JSON.parse(json ?? "null"),
    };
  }

  context.background("lambda events", 500, () => {
    const rows = store
      .prepare("SELECT DISTINCT name FROM lambda_events WHERE due <= ?")
      .all(clock.now());
    for (const row of rows) pump(text(row, "name"));
  });

  return {
    add(name, qualifier, event) {
      const request = randomUUID();
      const now = clock.now();
      store
        .prepare(
          "INSERT INTO lambda_events (request, name, qualifier, event, attempts, due, added) VALUES (?, ?, ?, ?, 0, ?, ?)",
        )
        .run(request, name, qualifier ?? "", event, now, now);
      // After the transaction that it is part of.
      setImmediate(() => pump(name));
      return request;
    },
    async close() {
      closed = true;
      await Promise.all(under);
    },
  };
}
