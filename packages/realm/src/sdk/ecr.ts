/** What realm uses of the SDK for ECR, loaded on first use. */
export { ECRClient } from "@aws-sdk/client-ecr";
