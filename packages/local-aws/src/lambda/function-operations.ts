import { randomUUID } from "node:crypto";
import type { EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { booleanOf, integerOf, objectOf, required, textOf, textsOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { CodeStore } from "./code-store.ts";
import { type FunctionRecord, type FunctionStore, LATEST } from "./function-store.ts";
import type { Invoker } from "./invoker.ts";
import { renderConfiguration } from "./render-function.ts";

/** What is done to functions, their versions and aliases. */
export interface FunctionOperations {
  create(input: JsonObject): Promise<object>;
  show(name: string, qualifier: string | undefined): object;
  list(all: boolean, marker: string | undefined, max: number): object;
  updateCode(name: string, input: JsonObject): Promise<object>;
  updateConfiguration(name: string, input: JsonObject): object;
  remove(name: string, qualifier: string | undefined): void;
  publish(name: string, input: JsonObject): object;
  versions(name: string): object;
}

interface Parts {
  readonly context: EngineContext;
  readonly functions: FunctionStore;
  readonly code: CodeStore;
  readonly invoker: Invoker;
}

/** Makes the operations. */
export function createFunctionOperations({
  context,
  functions,
  code,
  invoker,
}: Parts): FunctionOperations {
  const { store, clock, deliveries } = context;
  const stamp = () => ({ modified: new Date(clock.now()).toISOString(), revision: randomUUID() });

  async function readCode(input: JsonObject): Promise<{ codeSha: string; codeSize: number }> {
    const zip = textOf(input, "ZipFile");
    const bucket = textOf(input, "S3Bucket");
    const key = textOf(input, "S3Key");
    if (zip === undefined && (bucket === undefined || key === undefined)) {
      if (input["ImageUri"] !== undefined) throw notImplemented("lambda", "functions of images");
      throw new AwsError(
        "InvalidParameterValueException",
        "Please provide a source for function code.",
      );
    }
    const archive =
      zip === undefined ? await readObject(bucket ?? "", key ?? "") : Buffer.from(zip, "base64");
    return { codeSha: code.put(archive), codeSize: archive.length };
  }

  async function readObject(bucket: string, key: string): Promise<Buffer> {
    try {
      return await deliveries.use("objects").read(bucket, key);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(
        "InvalidParameterValueException",
        `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
      );
    }
  }

  function configuration(input: JsonObject, known?: FunctionRecord) {
    const runtime = textOf(input, "Runtime") ?? known?.runtime ?? "";
    if (!/^nodejs\d+\.x$/.test(runtime)) throw notImplemented("lambda", `runtime ${runtime}`);
    const timeout = within(integerOf(input, "Timeout") ?? known?.timeout ?? 3, 1, 900, "timeout");
    const memory = within(
      integerOf(input, "MemorySize") ?? known?.memory ?? 128,
      128,
      10_240,
      "memorySize",
    );
    const variables = objectOf(objectOf(input, "Environment") ?? {}, "Variables");
    const deadLetter = objectOf(input, "DeadLetterConfig");
    return {
      runtime,
      handler: textOf(input, "Handler") ?? required(known?.handler, "handler"),
      role: textOf(input, "Role") ?? required(known?.role, "role"),
      description: textOf(input, "Description") ?? known?.description ?? "",
      timeout,
      memory,
      environment:
        input["Environment"] === undefined ? (known?.environment ?? {}) : toTexts(variables ?? {}),
      deadLetter:
        deadLetter === undefined ? known?.deadLetter : textOf(deadLetter, "TargetArn") || undefined,
    };
  }

  function checkRevision(input: JsonObject, { revision }: FunctionRecord): void {
    const expected = textOf(input, "RevisionId");
    if (expected === undefined || expected === revision) return;
    throw new AwsError(
      "PreconditionFailedException",
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
      { status: 412 },
    );
  }

  function publishVersion(name: string, description?: string): FunctionRecord {
    const latest = functions.get(name);
    const { lastVersion } = functions.extras(name);
    const previous = functions.find(name, String(lastVersion));
    // As in Lambda: what has not changed since makes no new version.
    if (previous?.codeSha === latest.codeSha && sameConfiguration(previous, latest))
      return previous;
    const version = String(lastVersion + 1);
    const record = {
      ...latest,
      ...stamp(),
      version,
      description: description ?? latest.description,
    };
    store.write(() => {
      functions.put(record);
      functions.setExtras(name, { lastVersion: lastVersion + 1 });
    });
    return record;
  }

  const show = (record: FunctionRecord): object => renderConfiguration(record, functions);

  return {
    async create(input) {
      const name = required(textOf(input, "FunctionName"), "FunctionName");
      if (!/^[\w-]{1,64}$/.test(name)) {
        throw new AwsError(
          "ValidationException",
          `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint`,
        );
      }
      const settings = configuration(input);
      const source = await readCode(required(objectOf(input, "Code"), "Code"));
      if (functions.find(name) !== undefined) {
        throw new AwsError("ResourceConflictException", `Function already exist: ${name}`, {
          status: 409,
        });
      }
      const record: FunctionRecord = {
        name,
        version: LATEST,
        ...settings,
        ...source,
        ...stamp(),
        architectures: textsOf(input, "Architectures") ?? ["x86_64"],
      };
      store.write(() => {
        functions.put(record);
        functions.setExtras(name, { tags: toTexts(objectOf(input, "Tags") ?? {}) });
      });
      return show(booleanOf(input, "Publish") === true ? publishVersion(name) : record);
    },

    show: (name, qualifier) => show(functions.get(name, qualifier)),

    list(all, marker, max) {
      const records = functions.list(all);
      const start = Number(marker ?? 0);
      const end = start + max;
      return {
        Functions: records.slice(start, end).map(show),
        ...(end < records.length ? { NextMarker: String(end) } : {}),
      };
    },

    async updateCode(name, input) {
      const known = functions.get(name);
      checkRevision(input, known);
      const source = await readCode(input);
      const record = { ...known, ...source, ...stamp() };
      if (booleanOf(input, "DryRun") === true) return show(record);
      store.write(() => functions.put(record));
      invoker.forget(name);
      return show(booleanOf(input, "Publish") === true ? publishVersion(name) : record);
    },

    updateConfiguration(name, input) {
      const known = functions.get(name);
      checkRevision(input, known);
      const record = { ...known, ...configuration(input, known), ...stamp() };
      store.write(() => functions.put(record));
      invoker.forget(name);
      return show(record);
    },

    remove(name, qualifier) {
      functions.get(name, qualifier);
      store.write(() => functions.delete(name, qualifier));
      invoker.forget(name);
    },

    publish(name, input) {
      const latest = functions.get(name);
      checkRevision(input, latest);
      const sha = textOf(input, "CodeSha256");
      if (sha !== undefined && sha !== latest.codeSha) {
        throw new AwsError(
          "InvalidParameterValueException",
          `CodeSHA256 (${sha}) is different from current CodeSHA256 in $LATEST (${latest.codeSha}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      }
      return show(publishVersion(name, textOf(input, "Description")));
    },

    versions: (name) => {
      functions.get(name);
      return { Versions: functions.versions(name).map(show) };
    },
  };
}

function sameConfiguration(a: FunctionRecord, b: FunctionRecord): boolean {
  const facts = ({
    runtime,
    handler,
    role,
    timeout,
    memory,
    environment,
    deadLetter,
  }: FunctionRecord) =>
    JSON.stringify([runtime, handler, role, timeout, memory, environment, deadLetter]);
  return facts(a) === facts(b);
}

/** Values that have to be text. */
export function toTexts(map: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      if (typeof value === "string") return [name, value];
      throw new AwsError("SerializationException", `${name} is not a string`);
    }),
  );
}

function within(value: number, min: number, max: number, name: string): number {
  if (value >= min && value <= max) return value;
  throw new AwsError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value between ${min} and ${max}`,
  );
}
