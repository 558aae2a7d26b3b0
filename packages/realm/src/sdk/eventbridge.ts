/** What realm uses of the SDK for EventBridge, loaded on first use. */
export { EventBridgeClient } from "@aws-sdk/client-eventbridge";
