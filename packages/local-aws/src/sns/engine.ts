import type { EngineFactory } from "../engine.ts";
import { queryProtocol } from "../protocols/query.ts";
import { createOperations } from "./operations.ts";
import { publish } from "./publish.ts";
import { openTopics } from "./topics.ts";

const XML_NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

/** SNS: topics that deliver to SQS queues. */
export const createSnsEngine: EngineFactory = (context) => {
  const topics = openTopics(context);
  // From other services (S3).
  context.deliveries.register("sns", (delivery) => {
    publish(context, topics, topics.get(delivery.target), {
      texts: { default: delivery.body },
      subject: delivery.subject,
      attributes: delivery.attributes ?? {},
      groupId: delivery.groupId,
      deduplicationId: delivery.deduplicationId,
    });
  });
  return {
    services: ["sns"],
    xmlNamespace: XML_NAMESPACE,
    handle: queryProtocol({
      xmlNamespace: XML_NAMESPACE,
      operations: createOperations(context, topics),
    }),
  };
};
