/** What the functions use of the SDK for SQS, loaded on first use. */
export {
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  paginateListQueues,
} from "@aws-sdk/client-sqs";
