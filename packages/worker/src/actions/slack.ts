import { defineAction } from "../action.ts";

/** `slack`: sends a message to the channel of a connection (ACT-slack-01). */
export const slack = defineAction({
  type: "slack",
  async run(action, { realm, job, render }, result) {
    const rendered = (text: string | undefined, field: string): string | undefined =>
      text === undefined ? undefined : render(text, { result }, { path: [field] });
    const from = rendered(action.from, "from");
    const subject = rendered(action.subject, "subject");
    const message = render(action.message, { result }, { path: ["message"] });
    const { connect } = await import("@lava/connectors");
    await using chat = await connect(action.slack_conn, {
      realm,
      type: "slack",
      job_id: job.job_id,
    });
    await chat.send({
      message,
      subject,
      from,
      style: action.style,
      colour: action.colour,
      preamble: action.preamble,
    });
  },
});
