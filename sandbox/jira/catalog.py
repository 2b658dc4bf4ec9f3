"""What every site has from the start: priorities, resolutions, link types, permissions."""

from sandbox.jira.model import LinkType, Priority, Resolution

PRIORITIES = (
    Priority(id="1", name="Highest", color="#d04437", rank=1),
    Priority(id="2", name="High", color="#f15C75", rank=2),
    Priority(id="3", name="Medium", color="#f79232", rank=3),
    Priority(id="4", name="Low", color="#707070", rank=4),
    Priority(id="5", name="Lowest", color="#999999", rank=5),
)
DEFAULT_PRIORITY = PRIORITIES[2]

RESOLUTIONS = (
    Resolution(id="10000", name="Done"),
    Resolution(id="10001", name="Won't Do"),
    Resolution(id="10002", name="Duplicate"),
    Resolution(id="10003", name="Cannot Reproduce"),
    Resolution(id="10004", name="Fixed"),
)

LINK_TYPES = (
    LinkType(id="10000", name="Blocks", inward="is blocked by", outward="blocks"),
    LinkType(id="10001", name="Cloners", inward="is cloned by", outward="clones"),
    LinkType(id="10002", name="Duplicate", inward="is duplicated by", outward="duplicates"),
    LinkType(id="10003", name="Relates", inward="relates to", outward="relates to"),
)

# Ids a fresh installation gives to the statuses of its built-in workflow.
BUILT_IN_STATUS_IDS = {
    "open": "1",
    "in progress": "3",
    "reopened": "4",
    "resolved": "5",
    "closed": "6",
}

DONE_NAMES = frozenset({"done", "closed", "resolved", "released", "cancelled", "won't do", "fixed"})
NEW_NAMES = frozenset(
    {"backlog", "to do", "open", "new", "reopened", "ready", "specifying", "draft", "triaged"}
)

# Key, id on Data Center, shown name; all are project permissions but the last.
PERMISSIONS = (
    ("BROWSE_PROJECTS", "10", "Browse Projects"),
    ("CREATE_ISSUES", "11", "Create Issues"),
    ("EDIT_ISSUES", "12", "Edit Issues"),
    ("ASSIGN_ISSUES", "13", "Assign Issues"),
    ("RESOLVE_ISSUES", "14", "Resolve Issues"),
    ("ADD_COMMENTS", "15", "Add Comments"),
    ("DELETE_ISSUES", "16", "Delete Issues"),
    ("ASSIGNABLE_USER", "17", "Assignable User"),
    ("CLOSE_ISSUES", "18", "Close Issues"),
    ("CREATE_ATTACHMENTS", "19", "Create Attachments"),
    ("LINK_ISSUES", "21", "Link Issues"),
    ("ADMINISTER_PROJECTS", "23", "Administer Projects"),
    ("MOVE_ISSUES", "25", "Move Issues"),
    ("SCHEDULE_ISSUES", "28", "Schedule Issues"),
    ("MODIFY_REPORTER", "30", "Modify Reporter"),
    ("EDIT_ALL_COMMENTS", "34", "Edit All Comments"),
    ("EDIT_OWN_COMMENTS", "35", "Edit Own Comments"),
    ("DELETE_ALL_COMMENTS", "36", "Delete All Comments"),
    ("DELETE_OWN_COMMENTS", "37", "Delete Own Comments"),
    ("DELETE_ALL_ATTACHMENTS", "38", "Delete All Attachments"),
    ("DELETE_OWN_ATTACHMENTS", "39", "Delete Own Attachments"),
    ("WORK_ON_ISSUES", "20", "Work On Issues"),
    ("TRANSITION_ISSUES", "46", "Transition Issues"),
    ("ADMINISTER", "0", "Administer Jira"),
)
ADMIN_PERMISSIONS = frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})
