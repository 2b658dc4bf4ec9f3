"""The REST API: one module per subject, each with its list of addresses."""

from sandbox.jira.api import (
    bulk,
    changelogs,
    createmeta,
    issues,
    metadata,
    projects,
    search,
    system,
    transitions,
)
from sandbox.jira.endpoint import Endpoint

# Fixed addresses come before those with variable parts in the same place.
ENDPOINTS: tuple[Endpoint, ...] = (
    *system.ENDPOINTS,
    *projects.ENDPOINTS,
    *metadata.ENDPOINTS,
    *createmeta.ENDPOINTS,
    *bulk.ENDPOINTS,
    *search.ENDPOINTS,
    *changelogs.ENDPOINTS,
    *transitions.ENDPOINTS,
    *issues.ENDPOINTS,
)
