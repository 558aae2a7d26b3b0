/** What the functions use of the SDK for CloudWatch, loaded on first use. */
export { GetMetricDataCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
