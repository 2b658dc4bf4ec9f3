"""TinyDB's own interface works on the encoded documents."""

from tinydb import where

from storage.codec import CASE
from storage.tinydb_documents import Documents, make_line
from storage.tinydb_lines import LineTables
from tests.factories import build_case


def build_documents() -> Documents:
    documents = Documents(LineTables())
    for number, title in ((1, "Crash"), (2, "Hang")):
        case = CASE.encode(build_case(number, title=title))
        documents.encoded("cases").put(number, make_line(number, case))
    return documents


def test_documents_are_found_by_a_query() -> None:
    documents = build_documents()
    [found] = documents.table("cases").search(where("title") == "Hang")
    assert found.doc_id == 2
    assert documents.tables() == {"cases"}


def test_a_query_sees_what_was_put_since() -> None:
    documents = build_documents()
    cases = documents.encoded("cases")
    query = where("title") == "Hang"
    assert cases.search(query)
    cases.put(2, None)
    assert not cases.search(query)
    assert cases.find(2) is None


def test_what_tinydb_writes_can_be_read_encoded() -> None:
    documents = build_documents()
    documents.table("cases").update({"title": "Ünïcode"}, doc_ids=[1])
    documents.table("cases").remove(doc_ids=[2])
    cases = documents.encoded("cases")
    encoded = cases.find(1)
    assert encoded is not None
    assert CASE.decode(encoded) == build_case(1, title="Ünïcode")
    assert list(cases.lines) == [1]
