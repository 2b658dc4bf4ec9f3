"""Saved filters and dashboards, of which there are none here."""

from aiohttp import web

from sandbox.jira.api.paging import page_bean
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get
from sandbox.jira.errors import ApiError


def no_filters(_: Call) -> web.Response:
    """List the filters of the caller."""
    return answer([])


def page_filters(call: Call) -> web.Response:
    """List filters in pages."""
    return answer(page_bean(call, "filter/search", [], str))


def get_filter(call: Call) -> web.Response:
    """Refuse: a filter that is not there cannot be told from one of somebody else."""
    raise ApiError(400, "The selected filter is not available to you, perhaps it has been deleted "
                   f"or had its permissions changed: {call.path['filter']}.")  # fmt: skip


def list_dashboards(call: Call) -> web.Response:
    """List dashboards in the envelope they have had from the start."""
    start, size = call.page(default=20, most=1000)
    return answer({"startAt": start, "maxResults": size, "total": 0, "dashboards": []})


def page_dashboards(call: Call) -> web.Response:
    """List dashboards in pages."""
    return answer(page_bean(call, "dashboard/search", [], str))


ENDPOINTS = (
    get("/filter/favourite", no_filters, anonymous=False),
    get("/filter/my", no_filters, only="cloud", anonymous=False),
    get("/filter/search", page_filters, only="cloud"),
    get("/filter/{filter}", get_filter),
    get("/dashboard", list_dashboards),
    get("/dashboard/search", page_dashboards, only="cloud"),
)
