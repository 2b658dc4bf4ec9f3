import pytest

from bot.jira.webhooks import issue_id_of, verify

# The example of Jira Cloud's documentation "Webhooks".
SECRET = "It's a Secret to Everybody"
BODY = b"Hello World!"
SIGNATURE = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"


def test_the_documented_signature_is_genuine() -> None:
    assert verify(SECRET, BODY, SIGNATURE)


@pytest.mark.parametrize(
    ("secret", "body", "header"),
    [
        (SECRET, BODY + b" ", SIGNATURE),
        (SECRET + "!", BODY, SIGNATURE),
        (SECRET, BODY, None),
        (SECRET, BODY, ""),
        (SECRET, BODY, SIGNATURE.removeprefix("sha256=")),
        (SECRET, BODY, SIGNATURE.replace("sha256", "sha1")),
        (SECRET, BODY, SIGNATURE[:-1]),
        (SECRET, BODY, "sha256="),
        (SECRET, BODY, "sha256=ü"),
        (SECRET, BODY, "sha256=\udcff"),
        ("", BODY, "sha256=abc"),
    ],
)
def test_anything_else_is_refused(secret: str, body: bytes, header: str | None) -> None:
    assert not verify(secret, body, header)


def test_an_empty_secret_refuses_even_its_own_signature() -> None:
    empty = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    assert not verify("", b"", empty)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": "10001"}}, "10001"),
        ({"webhookEvent": "jira:issue_created", "issue": {"id": 10001}}, "10001"),
        ({"webhookEvent": "jira:issue_deleted", "issue": {"id": "7", "fields": None}}, "7"),
        ({"webhookEvent": "comment_created", "issue": {"id": "8"}, "comment": {}}, "8"),
        (
            {
                "webhookEvent": "comment_updated",
                "comment": {"self": "https://jira/jira/rest/api/2/issue/10010/comment/10000"},
            },
            "10010",
        ),
        ({"webhookEvent": "jira:version_released", "version": {"id": "5"}}, None),
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": "1 OR 1=1"}}, None),
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": True}}, None),
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": -4}}, None),
        ({"webhookEvent": "jira:issue_updated", "issue": None}, None),
        ({"webhookEvent": ["jira:issue_updated"], "issue": {"id": "1"}}, None),
        ({"webhookEvent": "comment_created", "comment": {"self": 5}}, None),
        ({"issue": {"id": "1"}}, None),
        ([], None),
        (None, None),
    ],
)
def test_the_issue_is_found_or_there_is_none(payload: object, expected: str | None) -> None:
    assert issue_id_of(payload) == expected
