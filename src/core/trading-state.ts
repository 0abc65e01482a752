/** active: everything. reducing: only what cancels or reduces. halted: the same, and only a person resumes. */
export type TradingState = "active" | "reducing" | "halted";
