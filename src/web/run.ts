import type { StepName } from "../api/walk.ts";
import type { Exchange, Lane, StepResult, WalkState, World } from "../walk/index.ts";

/** A homeserver that plays. */
export interface Simulator {
  readonly name: string;
  readonly of: string;
  readonly url: string;
}

/** A step as the walk sees it. */
export interface Stop {
  readonly step: { readonly id: StepName };
  busy(busy: boolean): void;
  show(result: StepResult): void;
}

/** The walk as its steps see it. */
export interface Run {
  readonly simulators: readonly Simulator[];
  /** Where this broker keeps credentials. */
  readonly mount: string;
  readonly state: WalkState;
  /** As it was typed. */
  readonly homeserver: string;
  /** Ends with the run: a new homeserver, or everything forgotten. */
  readonly signal: AbortSignal;
  /** The homeserver, where it plays: somebody can decide from here. */
  readonly simulator: Simulator | undefined;
  readonly world: World;
  /** MX-P6: a new homeserver; nothing of another one stays. */
  begin(homeserver: string, lane?: Lane): void;
  /** Takes one step and shows it, then goes on to the next; undefined when the run ended meanwhile. */
  take(
    stop: Stop,
    step: (state: WalkState, world: World) => Promise<StepResult>,
    onward?: boolean,
  ): Promise<StepResult | undefined>;
  /** What takes the same step in a terminal, with the inputs of this run; undefined where nothing does. */
  commandOf(step: StepName, exchange?: Exchange): string | undefined;
  /** To the next step that can be taken. */
  next(stop: Stop): void;
}
