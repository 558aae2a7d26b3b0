/** What realm uses of the SDK for SNS, loaded on first use. */
export { SNSClient } from "@aws-sdk/client-sns";
