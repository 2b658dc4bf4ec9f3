"""The REST API: one module per subject, each with its list of addresses."""

from sandbox.jira.api import (
    attachments,
    bulk,
    changelogs,
    comments,
    createmeta,
    following,
    hooks,
    issues,
    links,
    metadata,
    people,
    projects,
    properties,
    search_cloud,
    search_datacenter,
    session,
    system,
    transitions,
)
from sandbox.jira.endpoint import Endpoint

# Below `/rest/api/{version}`; fixed addresses come before variable ones in the same place.
ENDPOINTS: tuple[Endpoint, ...] = (
    *system.ENDPOINTS,
    *people.ENDPOINTS,
    *projects.ENDPOINTS,
    *metadata.ENDPOINTS,
    *createmeta.ENDPOINTS,
    *bulk.ENDPOINTS,
    *search_cloud.ENDPOINTS,
    *search_datacenter.ENDPOINTS,
    *changelogs.ENDPOINTS,
    *transitions.ENDPOINTS,
    *comments.ENDPOINTS,
    *attachments.ENDPOINTS,
    *properties.ENDPOINTS,
    *links.ENDPOINTS,
    *following.ENDPOINTS,
    *hooks.ENDPOINTS,
    *issues.ENDPOINTS,
)
# At the root of the site.
OUTSIDE: tuple[Endpoint, ...] = (*attachments.OUTSIDE, *hooks.OUTSIDE, *session.OUTSIDE)
