import type { WorkerObserver } from "../observer.ts";

/** What is used of a span of OpenTelemetry. */
interface Span {
  addEvent(name: string, attributes: Readonly<Record<string, string>>): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
}

/** What is used of `@opentelemetry/api`: whoever does not trace need not have its types. */
interface TracingApi {
  readonly ROOT_CONTEXT: object;
  readonly SpanStatusCode: { readonly ERROR: number };
  readonly trace: {
    getTracer(name: string): {
      startSpan(
        name: string,
        options?: { readonly attributes: Readonly<Record<string, string | number>> },
        context?: object,
      ): Span;
    };
    setSpan(context: object, span: Span): object;
  };
}

/**
 * Traces by OpenTelemetry: one span for each run, from its start to its end, and one below it for each child of a
 * chain, dag or foreach. The application brings the SDK and says where traces go; without one they go nowhere.
 *
 * @param api `@opentelemetry/api`, the application's own copy of it
 */
export function openTelemetryTraces(api: TracingApi): WorkerObserver {
  return ({ realm, worker, events }) => {
    const tracer = api.trace.getTracer("lava");
    const spans = new Map<string, Span>();
    const key = (run_id: string, path: string): string => `${run_id}${path}`;
    /** The nearest span above a path: children of children hang below their own parent. */
    const parentOf = (run_id: string, path: string): Span | undefined => {
      for (let at = path; at !== "";) {
        at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
        const span = spans.get(key(run_id, at));
        if (span !== undefined) return span;
      }
      return undefined;
    };
    events.on("began", ({ job_id, run_id, path, type, ts_dispatch, ts_start }) => {
      const parent = path === "" ? undefined : parentOf(run_id, path);
      const context =
        parent === undefined ? api.ROOT_CONTEXT : api.trace.setSpan(api.ROOT_CONTEXT, parent);
      const attributes = {
        "lava.realm": realm.name,
        "lava.worker": worker,
        "lava.job_id": job_id,
        "lava.run_id": run_id,
        "lava.type": type,
        "lava.delay_ms": ts_start - ts_dispatch,
      };
      spans.set(key(run_id, path), tracer.startSpan(`job ${job_id}`, { attributes }, context));
    });
    events.on("event", ({ job_id, run_id, path = "", status }) => {
      spans.get(key(run_id, path))?.addEvent(status, { "lava.job_id": job_id });
    });
    const end = (run_id: string, path: string, isFailed: boolean, text?: string): void => {
      const span = spans.get(key(run_id, path));
      if (span === undefined) return;
      spans.delete(key(run_id, path));
      if (isFailed) {
        const { ERROR } = api.SpanStatusCode;
        span.setStatus(text === undefined ? { code: ERROR } : { code: ERROR, message: text });
      }
      span.end();
    };
    events.on("ended", ({ run_id, path, isFailed, error }) => {
      end(run_id, path, isFailed, error);
    });
    events.on("interrupted", ({ run_id, reason }) => {
      for (const name of [...spans.keys()].toReversed()) {
        if (name.startsWith(run_id)) end(run_id, name.slice(run_id.length), true, reason);
      }
    });
    return {
      async [Symbol.asyncDispose]() {
        for (const span of spans.values()) span.end();
        spans.clear();
      },
    };
  };
}
