/** What realm uses of the SDK for CloudWatch, loaded on first use. */
export { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
