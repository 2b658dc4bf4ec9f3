"""The process itself: cases, levels, evidence, milestones. Pure: no input, no output."""
