import type { AnalyzedTemplate } from "../syntax/analyze.ts";
import type { NodeOf } from "../syntax/nodes.ts";

/** A template that was found: its nodes, and where it came from for errors. */
export interface Template extends AnalyzedTemplate {
  readonly name: string | undefined;
  readonly source: string;
}

/** A block's body and the template that holds it. */
export interface BlockBody {
  readonly block: NodeOf<"Block">;
  readonly template: Template;
}
