"""Every command there is, in the order the help shows them: the table of contents."""

from handlers import (
    case_ack,
    case_assign,
    case_close,
    case_confirm,
    case_contacted,
    case_customer,
    case_evidence,
    case_help,
    case_link,
    case_list,
    case_mine,
    case_note,
    case_open,
    case_proof,
    case_reopen,
    case_return,
    case_search,
    case_show,
    case_take,
    case_timeline,
    case_unlink,
    case_work,
    escalate,
    on_words,
    status,
)
from handlers.context import Conversations, Handler

_COMMANDS = (
    case_open.HANDLER,
    status.HANDLER,
    case_show.HANDLER,
    case_evidence.HANDLER,
    case_work.HANDLER,
    case_mine.HANDLER,
    case_list.HANDLER,
    case_search.HANDLER,
    case_timeline.HANDLER,
    case_take.HANDLER,
    case_assign.HANDLER,
    case_customer.HANDLER,
    case_note.HANDLER,
    escalate.HANDLER,
    case_return.HANDLER,
    case_confirm.HANDLER,
    case_link.HANDLER,
    case_unlink.HANDLER,
    case_ack.HANDLER,
    case_contacted.HANDLER,
    case_close.HANDLER,
    case_reopen.HANDLER,
    case_proof.HANDLER,
)

ALL: tuple[Handler, ...] = (*_COMMANDS, case_help.build(_COMMANDS))

CONVERSATIONS = Conversations(replies={}, words=on_words.run)
