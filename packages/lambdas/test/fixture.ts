import type { Data, DataMap } from "@lava/core";
import { isMap, parseJson } from "@lava/core";
import {
  emulatedRealm,
  type EmulatedAws,
  type EmulatedRealmOptions,
  fakeClock,
  type FakeClock,
} from "@lava/testing";
import type { FunctionOptions, Handler } from "../src/index.ts";

/** A function of a realm of its own, and what came out of it. */
export interface TestFunction<R> extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly realm: string;
  call(event: Data, request?: string): Promise<R>;
  /** The log, parsed. */
  readonly log: readonly DataMap[];
  /** The texts of warnings and errors. */
  faults(): string[];
  /** Messages on the queue of the worker, or another one, in no order; they are taken. */
  messages(queue?: string): Promise<DataMap[]>;
  readonly emulated: Awaited<ReturnType<typeof emulatedRealm>>;
}

/** Makes a realm and one of its functions. */
export async function testFunction<R>(
  create: (options: FunctionOptions) => Handler<R>,
  options: EmulatedRealmOptions & { readonly aws: EmulatedAws },
  env: Readonly<Record<string, string>> = {},
): Promise<TestFunction<R>> {
  const clock = fakeClock();
  const emulated = await emulatedRealm({ ...options, clock });
  const { realm } = emulated;
  const log: DataMap[] = [];
  const handler = create({
    env: { ...emulated.environment, LOGLEVEL: "debug", ...env },
    clock,
    write: (line) => {
      const entry = parseJson(line);
      if (isMap(entry)) log.push(entry);
    },
  });
  return {
    clock,
    realm: realm.name,
    emulated,
    log,
    call: (event, request = "8476a536-e9f4-11e8-9739-2dfe598c3fcd") =>
      handler(event, { awsRequestId: request, functionName: `lava-${realm.name}-x` }),
    faults: () =>
      log.flatMap(({ level, message }) =>
        (level === "error" || level === "warning") && typeof message === "string" ? message : [],
      ),
    async messages(worker = "core") {
      const found: DataMap[] = [];
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- until there is none
        const message = await realm.queue(worker).receive({ wait: 0 });
        if (message === undefined) return found;
        const body = parseJson(message.body);
        if (isMap(body)) found.push(body);
      }
    },
    [Symbol.asyncDispose]: () => emulated[Symbol.asyncDispose](),
  };
}
