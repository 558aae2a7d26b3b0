import { LavaError, parseJson } from "@lava/core";
import type { StateItem } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, printTable } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface StateOptions extends RealmOptions {
  readonly json?: boolean;
}

interface GetOptions extends StateOptions {
  readonly ignoreMissing?: boolean;
}

interface PutOptions extends StateOptions {
  readonly type?: string;
  readonly ttl?: string;
  readonly publisher?: string;
  readonly kmsKey?: string;
}

const types = ["json", "raw", "secure"] as const;

/** `lava state list|get|put|delete`. */
export const registerState: Register = (program, context) => {
  const state = program
    .command("state")
    .description("read and write state items, which jobs leave for later jobs")
    .addHelpText(
      "after",
      helpExamples(
        ["lava state list app/", "ids that begin so"],
        ["lava state put app/day '\"2026-11-25\"'", "write a value"],
      ),
    );
  addRealmOptions(
    state
      .command("list")
      .description("list state items")
      .argument("[prefix]", "only ids that begin so")
      .option("--json", "print JSON"),
  ).action((prefix: string | undefined, options: StateOptions) => list(prefix, options, context));
  addRealmOptions(
    state
      .command("get")
      .description("print the value of an item")
      .argument("<id>", "state id")
      .argument("[template]", "printed with the value as `s` and `state` in it")
      .option("-i, --ignore-missing", "a missing item is empty, no failure")
      .option("--json", "print the whole item as JSON"),
  ).action((id: string, template: string | undefined, options: GetOptions) =>
    get(id, template, options, context),
  );
  addRealmOptions(
    state
      .command("put")
      .description("write an item")
      .argument("<id>", "state id")
      .argument("<value>", "JSON, or plain text")
      .option("--type <type>", `how it is stored: ${types.join(", ")}`, "json")
      .option("--ttl <duration>", "time to live (default: STATE_TTL of the realm)")
      .option("--publisher <name>", "who wrote it")
      .option("--kms-key <key>", "key of a secure item")
      .option("--json", "print JSON"),
  ).action((id: string, value: string, options: PutOptions) => put(id, value, options, context));
  addRealmOptions(
    state
      .command("delete")
      .description("remove an item")
      .argument("<id>", "state id")
      .option("--json", "print JSON"),
  ).action((id: string, options: StateOptions) => remove(id, options, context));
};

async function list(
  prefix: string | undefined,
  options: StateOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const items = await realm.state.list(prefix);
    if (options.json) {
      printJson(context.stdout, items);
      return;
    }
    printTable<StateItem>(
      context.stdout,
      [
        { title: "STATE", cell: (item) => item.state_id, flexible: true },
        { title: "TYPE", cell: (item) => item.type },
        { title: "WRITTEN", cell: (item) => item.timestamp },
        { title: "EXPIRES", cell: (item) => new Date(item.ttl * 1000).toISOString().slice(0, 19) },
        { title: "PUBLISHER", cell: (item) => item.publisher ?? "", flexible: true },
        {
          title: "VALUE",
          cell: (item) => (item.type === "secure" ? "****" : JSON.stringify(item.value)),
          flexible: true,
        },
      ],
      items,
    );
  });
}

async function get(
  id: string,
  template: string | undefined,
  options: GetOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const item = await realm.state.get(id);
    if (!item && options.ignoreMissing !== true)
      throw new LavaError("NO_SUCH_STATE", `${id}: No such state item in realm ${realm.name}`);
    if (template !== undefined) {
      const { createRenderer } = await import("@lava/render");
      const value = item?.value ?? "";
      printLine(context.stdout, createRenderer().render(template, { s: value, state: value }));
    } else if (options.json) printJson(context.stdout, item ?? null);
    else if (!item) printLine(context.stdout);
    else if (typeof item.value === "string") printLine(context.stdout, item.value);
    else printJson(context.stdout, item.value);
  });
}

async function put(
  id: string,
  value: string,
  options: PutOptions,
  context: CliContext,
): Promise<void> {
  const type = types.find((name) => name === options.type);
  if (type === undefined) {
    throw new LavaError("BAD_OPTIONS", `--type: ${options.type} is none of ${types.join(", ")}`, {
      kind: "usage",
    });
  }
  if (/^lava/i.test(id)) {
    throw new LavaError(
      "STATE_ID_RESERVED",
      `Bad state_id ${id}: Values beginning with "lava" are reserved`,
      { kind: "usage" },
    );
  }
  await withRealm(options, context, async (realm) => {
    const item = await realm.state.put(id, dataOf(value), {
      type,
      ...(options.ttl === undefined ? {} : { ttl: options.ttl }),
      ...(options.publisher === undefined ? {} : { publisher: options.publisher }),
      ...(options.kmsKey === undefined ? {} : { kms_key: options.kmsKey }),
    });
    if (options.json) printJson(context.stdout, item);
  });
}

async function remove(id: string, options: StateOptions, context: CliContext): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const deleted = await realm.state.delete(id);
    if (!deleted)
      throw new LavaError("NO_SUCH_STATE", `${id}: No such state item in realm ${realm.name}`);
    if (options.json) printJson(context.stdout, { state_id: id, deleted });
  });
}

/** JSON where the text is JSON, else the text itself. */
function dataOf(value: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}
