import { Readable } from "node:stream";
import type { Command } from "commander";
import type { CliContext } from "./command.ts";
import { type SharepointOptions, withSite } from "./sharepoint-site.ts";
import { openPlace, storePlace } from "./transfer-place.ts";

interface ListOptions extends SharepointOptions {
  readonly delimiter?: string;
  readonly doubleQuote?: boolean;
  readonly escapeChar?: string;
  readonly quoteChar?: string;
  readonly quoting?: string;
  readonly header: boolean;
  readonly kmsKey?: string;
  readonly replace?: boolean;
}

/** `put-list` and `get-list` of `lava sharepoint` (CLI-139, CLI-141). */
export function addListCommands(sharepoint: Command, context: CliContext): void {
  addCsvOptions(
    sharepoint
      .command("put-list")
      .alias("pl")
      .description("add the rows of a CSV file, the first of which names the columns, to a list")
      .argument("<file>", "file, or s3://bucket/key")
      .argument("<list>", "name of the list")
      .option("--replace", "the rows take the place of those that are there"),
  ).action(async function (this: Command, file: string, list: string) {
    await withSite<ListOptions>(this, context, async ({ client, realm, render, options }) => {
      const { importList, listCsvFormat } = await import("@lava/worker");
      const source = await openPlace(render(file), realm, context);
      await importList(client, source, {
        list: render(list),
        mode: options.replace === true ? "replace" : "append",
        format: listCsvFormat(csvOf(options), realm.config),
        signal: context.signal,
      });
    });
  });
  addCsvOptions(
    sharepoint
      .command("get-list")
      .alias("gl")
      .description("fetch a list as CSV, to this machine or to S3")
      .argument("<list>", "name of the list")
      .argument("<file>", "file, or s3://bucket/key")
      .option("-k, --kms-key <key>", "KMS key for the object")
      .option("-H, --no-header", "leave the names of the columns out"),
  ).action(async function (this: Command, list: string, file: string) {
    await withSite<ListOptions>(this, context, async ({ client, realm, render, dir, options }) => {
      const { exportList, listCsvFormat } = await import("@lava/worker");
      const lines = exportList(client, {
        list: render(list),
        header: options.header,
        format: listCsvFormat(csvOf(options), realm.config),
      });
      const place = { file: render(file), kmsKey: options.kmsKey, dir };
      await storePlace(Readable.from(lines, { objectMode: false }), place, realm, context);
    });
  });
}

/** Options about CSV; what is not given is as SP_LIST_* says. */
function addCsvOptions(command: Command): Command {
  return command
    .option("--delimiter <char>", "between fields (default: SP_LIST_DELIMITER)")
    .option("--double-quote", "double the quotes within fields (default: SP_LIST_DOUBLEQUOTE)")
    .option("--escape-char <char>", "escapes others within fields (default: SP_LIST_ESCAPECHAR)")
    .option("--quote-char <char>", "around quoted fields (default: SP_LIST_QUOTECHAR)")
    .option("--quoting <style>", "which fields are quoted (default: SP_LIST_QUOTING)");
}

function csvOf({ delimiter, doubleQuote, escapeChar, quoteChar, quoting }: ListOptions) {
  return {
    delimiter,
    doublequote: doubleQuote,
    escapechar: escapeChar,
    quotechar: quoteChar,
    quoting,
  };
}
