/** What the functions use of the SDK for Auto Scaling, loaded on first use. */
export {
  CompleteLifecycleActionCommand,
  paginateDescribeAutoScalingGroups,
} from "@aws-sdk/client-auto-scaling";
