import { type DataMap, LavaError, nullLogger } from "@lava/core";
import type { AwsClients, RecordTable } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine } from "../output.ts";
import { findRealm, withRealm } from "../realm-access.ts";
import { EXIT } from "../report-error.ts";
import { isDataMap, pairOf, readExactJson, readJson } from "./read-data.ts";

interface AwsOptions {
  readonly profile?: string;
}

interface TableOptions extends AwsOptions {
  readonly table: string;
}

interface GetOptions extends TableOptions {
  readonly container?: string;
  readonly yaml?: boolean;
}

/** Helpers that talk to AWS or docker. */
export const registerAwsHelpers: Register = (helper, context) => {
  const withProfile = (command: Command): Command =>
    command.option("--profile <name>", "AWS profile");
  const withTableOption = (command: Command): Command =>
    withProfile(command).requiredOption(
      "-t, --table <name>",
      "lava.realms, or lava.REALM.jobs, .connections, .s3triggers",
    );
  withTableOption(helper.command("dyn-get-item"))
    .description("print an item of a table as JSON: status 2 when there is none")
    .argument("<key=value>", "the item")
    .option("-c, --container <a.b>", "a map around the item")
    .option("-y, --yaml", "YAML, not JSON")
    .addHelpText("after", helpExamples(["lava helper dyn-get-item -t lava.realms realm=dev", ""]))
    .action((key: string, options: GetOptions) => dynGetItem(key, options, context));
  withTableOption(helper.command("dyn-put-item"))
    .description("put items into a table")
    .argument("<file...>", "JSON files, one item each")
    .addHelpText("after", helpExamples(["lava helper dyn-put-item -t lava.dev.jobs a.json", ""]))
    .action((files: string[], options: TableOptions) => dynPutItem(files, options, context));
  withProfile(helper.command("event-put-rule"))
    .description("put EventBridge rules as they are in rule specs")
    .argument("<file...>", "JSON files, one rule each")
    .addHelpText("after", helpExamples(["lava helper event-put-rule rule.json", ""]))
    .action((files: string[], options: AwsOptions) => eventPutRule(files, options, context));
  withProfile(helper.command("ecr-login"))
    .description("log docker in to the registry of the account")
    .addHelpText("after", helpExamples(["lava helper ecr-login", ""]))
    .action((options: AwsOptions) =>
      withClients(options, context, async (clients) => {
        const { loginToRegistry } = await import("@lava/framework");
        const host = await loginToRegistry({ clients }, context.env);
        printLine(context.stdout, `Logged in to ${host}`);
      }),
    );
  withProfile(helper.command("ecr-push"))
    .description("push images to the registry of the account, repositories made as needed")
    .argument("<image...>", "names of images of this machine")
    .addHelpText("after", helpExamples(["lava helper ecr-push lava/dev/app/x", ""]))
    .action((images: string[], options: AwsOptions) =>
      withClients(options, context, async (clients) => {
        const { pushImages } = await import("@lava/framework");
        await pushImages(images, { clients }, context.env);
      }),
    );
  helper
    .command("docker-purge")
    .description("remove images from this machine, with all their names")
    .argument("<image...>", "names or ids")
    .addHelpText("after", helpExamples(["lava helper docker-purge lava/dev/app/x", ""]))
    .action(async (images: string[]) => {
      const { purgeImages } = await import("@lava/framework");
      for (const name of await purgeImages(images, context.env)) {
        printLine(context.stderr, `${name}: No such image`);
      }
    });
};

/** A table of lava by its whole name. */
async function withNamedTable(
  { table, profile }: TableOptions,
  context: CliContext,
  use: (table: RecordTable<object>) => Promise<void>,
): Promise<void> {
  const named = profile === undefined ? {} : { profile };
  if (table === "lava.realms") {
    await withClients(named, context, async (clients) => {
      const { openRealmsTable } = await import("@lava/realm");
      await use(openRealmsTable(clients, nullLogger));
    });
    return;
  }
  const [, realm, kind] = /^lava\.(.+)\.(jobs|connections|s3triggers)$/.exec(table) ?? [];
  if (realm === undefined || (kind !== "jobs" && kind !== "connections" && kind !== "s3triggers")) {
    throw new LavaError("BAD_OPTIONS", `--table: ${table} is no table of lava with such items`);
  }
  await withRealm({ realm, ...named }, context, async (opened) => {
    await use(opened[kind]);
  });
}

async function withClients(
  options: AwsOptions,
  context: CliContext,
  use: (clients: AwsClients) => Promise<void>,
): Promise<void> {
  const { createAwsClients } = await import("@lava/realm");
  // Which realm does not matter, where it is does.
  const { settings } = await findRealm({ ...options, realm: "-" }, context);
  await using clients = createAwsClients(settings);
  await use(clients);
}

async function dynGetItem(word: string, options: GetOptions, context: CliContext): Promise<void> {
  const [name, value] = pairOf(word);
  const { dataText } = await import("@lava/framework");
  await withNamedTable(options, context, async (table) => {
    if (name !== table.key) {
      throw new LavaError("BAD_OPTIONS", `${name}: the key of ${table.table} is ${table.key}`);
    }
    const item = await table.getItem(value);
    if (item === undefined) {
      printLine(context.stderr, "Item not found");
      context.exitStatus = EXIT.usage;
      return;
    }
    const wrapped = (options.container?.split(".") ?? []).reduceRight<DataMap>(
      (inner, key) => ({ [key]: inner }),
      item,
    );
    context.stdout.write(dataText(wrapped, options.yaml === true ? "yaml" : "json"));
  });
}

async function dynPutItem(
  files: readonly string[],
  options: TableOptions,
  context: CliContext,
): Promise<void> {
  await withNamedTable(options, context, async (table) => {
    for (const file of files) {
      const item = await readExactJson(file, context);
      if (item === null || (isDataMap(item) && Object.keys(item).length === 0)) {
        printLine(context.stderr, `${file}: Skipping null file`);
        continue;
      }
      if (!isDataMap(item)) throw new LavaError("BAD_FILE", `${file}: not a JSON object`);
      await table.put(item);
      printLine(context.stdout, `Deploy ${file}`);
    }
  });
}

async function eventPutRule(
  files: readonly string[],
  options: AwsOptions,
  context: CliContext,
): Promise<void> {
  const { normalRule, ruleOfItem } = await import("@lava/framework");
  const { validateSpec } = await import("@lava/spec");
  for (const file of files) {
    const item = await readJson(file, context);
    if (item === null || (isDataMap(item) && Object.keys(item).length === 0)) {
      printLine(context.stderr, `${file}: Skipping empty specification file`);
      continue;
    }
    const checked = validateSpec("rule", item);
    if (!checked.ok || !isDataMap(item)) {
      throw new LavaError("BAD_FILE", `${file}: not a rule`, {
        issues: checked.ok ? [] : checked.issues.map((issue) => ({ ...issue, file })),
      });
    }
    const realm = /^lava\.([^.]+)\./.exec(String(item["rule_id"]))?.[1];
    if (realm === undefined) {
      throw new LavaError("BAD_FILE", `${file}: rule_id is not of the form lava.REALM.name`);
    }
    await withRealm({ realm, ...options }, context, async ({ rules }) => {
      await rules.put(ruleOfItem(normalRule(item)));
    });
    printLine(context.stdout, `Deploy ${file}`);
  }
}
