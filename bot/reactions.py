"""What the process does about what is read of Jira."""

from bot.tracking import Reactions
from handlers.on_duplicate import on_distinct, on_duplicate
from handlers.on_issue import on_issue_gone
from handlers.on_transition import on_transitions

REACTIONS = Reactions(
    on_transitions=on_transitions,
    on_gone=on_issue_gone,
    on_duplicate=on_duplicate,
    on_distinct=on_distinct,
)
