/** The run ids of child runs and of actions are those of every sender that needs the same id again. */
export { repeatableRunId } from "@lava/realm";
