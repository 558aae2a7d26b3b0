/** What realm uses of the SDK for Auto Scaling, loaded on first use. */
export { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
