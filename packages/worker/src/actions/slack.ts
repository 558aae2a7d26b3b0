import { defineAction } from "../action.ts";

/** `slack`: sends a message to the channel of a connection (ACT-slack-01). */
export const slack = defineAction({
  type: "slack",
  async run(action, { realm, job, render }, result) {
    const rendered = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : render(text, { result });
    const message = render(action.message, { result });
    const { connect } = await import("@lava/connectors");
    await using chat = await connect(action.slack_conn, {
      realm,
      type: "slack",
      job_id: job.job_id,
    });
    await chat.send({
      message,
      subject: rendered(action.subject),
      from: rendered(action.from),
      style: action.style,
      colour: action.colour,
      preamble: action.preamble,
    });
  },
});
