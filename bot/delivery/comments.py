"""Performs what is owed to Jira as a comment: what a customer wrote, for the team alone, once."""

from datetime import timedelta
from typing import Protocol

from bot.cases.effects import CommentIssue, Delivery, Said, message_id_of
from bot.clock import Clock
from bot.errors import Retryable
from bot.jira.documents import Block, Document, Paragraph, Preformatted

# A request that nobody waits for any more may still be carried out by the server.
SETTLED = timedelta(minutes=1)
_LOOK_AGAIN = timedelta(seconds=5)


class Comments(Protocol):
    """The comments of Jira's issues."""

    async def add_comment(self, issue_id: str, document: Document, *, internal: bool) -> str:
        """Add a comment; again means twice."""
        ...

    async def has_comment(self, issue_id: str, mark: str) -> bool:
        """Tell whether the issue has a comment with this mark."""
        ...


class CommentPerformer:
    """Adds comments.

    Args:
        jira: where to.
        clock: to tell how old a doubt is.
        installation: what makes the mark of a comment unique, besides its key.
    """

    def __init__(self, *, jira: Comments, clock: Clock, installation: str) -> None:
        self._jira = jira
        self._clock = clock
        self._installation = installation

    async def perform(self, delivery: Delivery) -> None:
        """Add it, kept from a service project's customers; see `bot.delivery.dispatcher.Performer`.

        Comments cannot be given an id of ours, so each ends with a mark that is looked for after
        a request of unknown outcome.
        """
        effect = delivery.owed.effect
        if not isinstance(effect, CommentIssue):
            raise TypeError(f"not a comment: {effect.kind}")
        mark = message_id_of(self._installation, delivery.owed.key)
        if delivery.doubtful:
            if await self._jira.has_comment(effect.issue_id, mark):
                return
            since = delivery.doubtful_since or self._clock.now()
            if self._clock.now() - since < SETTLED:
                raise Retryable(
                    "Jira may still be adding the comment; it does not show it yet",
                    retry_after=_LOOK_AGAIN,
                )
        await self._jira.add_comment(effect.issue_id, document_of(effect, mark), internal=True)


def document_of(effect: CommentIssue, mark: str) -> Document:
    """Return the comment; who the customer is stays in the chat, and their words are no markup."""
    blocks: list[Block] = []
    for said in effect.said:
        blocks += _blocks(said)
    blocks.append(Paragraph(f"CASE-{effect.case_id} {mark}"))
    return Document(tuple(blocks))


def _blocks(said: Said) -> list[Block]:
    at = f"{said.at:%Y-%m-%d %H:%M} UTC"
    text = Preformatted(said.text) if "\n" in said.text else Paragraph(said.text)
    if said.evidence:
        return [Paragraph(f"Added to the case ({at}):"), text]
    asked = [Paragraph(f"The customer was asked: {said.question}")] if said.question else []
    return [*asked, Paragraph(f"The customer wrote ({at}):"), text]
