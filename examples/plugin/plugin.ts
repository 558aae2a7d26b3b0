import { appendFile, readFile } from "node:fs/promises";
import { connectWith, type PluginConnector } from "@lava/connectors";
import { defineGenerator, defineJobType, definePluginAction, type Plugin } from "@lava/worker";
import * as z from "zod";

/** What `greet` jobs write to: a file of this machine, as a connection. */
interface Journal extends AsyncDisposable {
  write(line: string): Promise<void>;
}

const journal: PluginConnector<Journal> = {
  type: "journal",
  fields: z.strictObject({ file: z.string().describe("The file that lines are added to.") }),
  async open({ raw }) {
    const file = String(raw["file"]);
    return {
      write: (line) => appendFile(file, `${line}\n`),
      async [Symbol.asyncDispose]() {},
    };
  },
  async check({ raw }) {
    return { server: `the file ${String(raw["file"])}` };
  },
};

const greet = defineJobType({
  type: "greet",
  summary: "Greets somebody in a journal.",
  payload: z.string().describe("Whom to greet; rendered."),
  parameters: z.strictObject({
    conn_id: z.string().describe("Id of a journal connection."),
    times: z.int().min(1).default(1).describe("How often."),
  }),
  async run(job, context) {
    const { conn_id, times } = job.parameters;
    const name = context.render(String(job.payload));
    await using book = await connectWith(journal, conn_id, {
      realm: context.realm,
      job_id: job.job_id,
    });
    for (let n = 0; n < times; n += 1) {
      context.signal.throwIfAborted();
      await book.write(`Hello ${name}`);
    }
    return { exit_status: 0, greeted: name };
  },
});

const note = definePluginAction({
  type: "note",
  summary: "Adds a line to a journal.",
  parameters: z.strictObject({ conn_id: z.string(), line: z.string() }),
  async run({ conn_id, line }, context, result) {
    await using book = await connectWith(journal, conn_id, { realm: context.realm });
    await book.write(context.render(line, { result }));
  },
});

const words = defineGenerator({
  type: "words",
  summary: "The words of a text file, one after the other.",
  parameters: z.strictObject({ file: z.string(), name: z.string().default("word") }),
  async *values({ file, name }) {
    for (const word of (await readFile(file, "utf8")).split(/\s+/)) {
      if (word !== "") yield { [name]: word };
    }
  },
});

/** What lava loads: `lava.plugins` of package.json names this file, and PLUGIN_PATH of the workers. */
export const plugin: Plugin = {
  jobTypes: [greet],
  actions: [note],
  generators: [words],
  connectors: [journal],
};
