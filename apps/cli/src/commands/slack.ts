import type { CliContext, Register } from "../command.ts";
import { readStart } from "../read-start.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface SlackOptions extends RealmOptions {
  readonly connId: string;
  readonly barColour?: string;
  readonly from?: string;
  readonly preamble?: string;
  readonly subject?: string;
  readonly style?: string;
}

/** Enough for 3000 characters, whatever they are (CLI-147). */
const MESSAGE_BYTES = 12_000;

/** `lava slack`: the original's `lava-slack` (CLI-146 to CLI-148). */
export const registerSlack: Register = (program, context) => {
  addRealmOptions(
    program
      .command("slack")
      .description("send a message to the channel of a connection")
      .argument("[file]", "the message (default: stdin)")
      .requiredOption("-c, --conn-id <id>", "the connection")
      .option("--bar-colour <colour>", "hex colour, good, warning or danger")
      .option("--from <name>", "sender (default: the connection's)")
      .option("--preamble <text>", "what it begins with, such as <!here>")
      .option("-s, --subject <text>", "subject")
      .option("--style <style>", "block, attachment or plain (default: the connection's)"),
  ).action((file: string | undefined, options: SlackOptions) => slack(file, options, context));
};

async function slack(
  file: string | undefined,
  options: SlackOptions,
  context: CliContext,
): Promise<void> {
  const message = [...(await readStart(file, MESSAGE_BYTES, context))].slice(0, 3000).join("");
  const { connect } = await import("@lava/connectors");
  await withRealm(options, context, async (realm, { env }) => {
    await using chat = await connect(options.connId, { realm, env, type: "slack" });
    await chat.send({
      message,
      subject: options.subject,
      from: options.from,
      style: options.style,
      colour: options.barColour,
      preamble: options.preamble,
    });
  });
}
