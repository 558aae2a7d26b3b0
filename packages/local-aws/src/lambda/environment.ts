import { Worker } from "node:worker_threads";
import type { RuntimeAnswer, RuntimeCall, RuntimeData, RuntimeFault } from "./runtime-messages.ts";

/** What became of a call. */
export type CallOutcome =
  | { readonly json: string; readonly fault?: undefined }
  | { readonly fault: RuntimeFault; readonly json?: undefined };

/** One warm instance of a function: a thread with an environment of its own. */
export interface ExecutionEnvironment {
  /** One call at a time. */
  call(call: RuntimeCall, timeoutMs: number): Promise<CallOutcome>;
  /** False once its thread has ended: it takes no more calls. */
  readonly alive: boolean;
  end(): Promise<void>;
}

/** Options of {@link startEnvironment}. */
export interface EnvironmentOptions {
  readonly data: RuntimeData;
  readonly env: Readonly<Record<string, string>>;
  /** Megabytes. */
  readonly memory: number;
  readonly onOutput: (text: string) => void;
}

/** Starts the thread; its handler is loaded with the first call's time. */
export function startEnvironment(options: EnvironmentOptions): ExecutionEnvironment {
  const fromSources = import.meta.url.endsWith(".ts");
  const file = new URL(fromSources ? "./runtime-thread.ts" : "./lambda-thread.js", import.meta.url);
  const thread = new Worker(file, {
    workerData: options.data,
    env: { ...options.env },
    stdout: true,
    stderr: true,
    execArgv: [
      "--enable-source-maps",
      "--disable-warning=ExperimentalWarning",
      // Code that is a link into the sources is found there.
      ...(fromSources ? ["--conditions=@lava/source"] : []),
    ],
    // The least that Node.js itself can live with; Lambda counts all memory, this only the heap.
    resourceLimits: { maxOldGenerationSizeMb: Math.max(64, options.memory) },
  });
  let alive = true;
  let waiting: ((answer: RuntimeAnswer) => void) | undefined;
  const settle = (answer: RuntimeAnswer): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(answer);
  };
  const next = (): Promise<RuntimeAnswer> =>
    new Promise((resolve) => {
      waiting = resolve;
    });

  for (const stream of [thread.stdout, thread.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => options.onOutput(text));
  }
  let ready = next();
  thread.on("message", settle);
  thread.on("error", (error) => {
    const message = error instanceof Error ? error.message : String(error);
    const errorType = /memory/i.test(message) ? "Runtime.OutOfMemory" : "Runtime.UnhandledError";
    settle({ kind: "fault", fault: { errorType, errorMessage: message, trace: [] } });
  });
  thread.on("exit", (code) => {
    alive = false;
    const errorMessage = `Runtime exited with error: exit status ${code}`;
    settle({
      kind: "fault",
      fault: { errorType: "Runtime.ExitError", errorMessage, trace: [] },
    });
  });

  async function end(): Promise<void> {
    alive = false;
    await thread.terminate();
  }

  async function run(call: RuntimeCall): Promise<CallOutcome> {
    const first = await ready;
    if (first.kind === "fault") {
      await end();
      return { fault: first.fault };
    }
    ready = Promise.resolve({ kind: "ready" });
    const done = next();
    if (!alive) settle({ kind: "fault", fault: exited });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    thread.postMessage(call);
    const answer = await done;
    if (answer.kind === "result") return { json: answer.json };
    return { fault: answer.kind === "fault" ? answer.fault : exited };
  }

  return {
    get alive() {
      return alive;
    },
    end,
    async call(call, timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<CallOutcome>((resolve) => {
        timer = setTimeout(
          () => resolve({ fault: timedOut(call.requestId, timeoutMs) }),
          timeoutMs,
        );
      });
      try {
        const outcome = await Promise.race([run(call), late]);
        if (outcome.fault?.errorType === "Sandbox.Timedout") await end();
        return outcome;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const exited: RuntimeFault = {
  errorType: "Runtime.ExitError",
  errorMessage: "Runtime exited without providing a reason",
  trace: [],
};

function timedOut(requestId: string, timeoutMs: number): RuntimeFault {
  return {
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
    trace: [],
  };
}
