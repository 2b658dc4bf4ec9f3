"""Checklists by product and severity, and what may be chosen."""

import pytest

from bot.cases.case import Evidence
from bot.cases.choices import chosen
from bot.cases.evidence import checklist_of, listed, missing
from bot.cases.policy import CHECKLIST, SEVERITIES, Checklists, Policy
from tests.factories import NOW, build_case, build_person

POLICY = Policy(
    checklists=Checklists(
        by_product={"printer": {"model": "which printer"}},
        by_severity={"critical": {"since": "since when"}, "low": {}},
    )
)


def evidence(text: str) -> Evidence:
    return Evidence(text=text, by=build_person(), at=NOW)


def test_the_product_counts_before_the_severity_and_the_severity_before_the_rest() -> None:
    printer = build_case(product="PRINTER", severity="critical")
    assert list(checklist_of(printer, POLICY)) == ["model"]
    assert list(checklist_of(build_case(severity="Critical"), POLICY)) == ["since"]
    assert checklist_of(build_case(severity="high"), POLICY) == CHECKLIST


def test_what_is_missing_is_what_the_own_checklist_lacks() -> None:
    case = build_case(product="Printer", evidence={"steps": evidence("press")})
    assert missing(case, POLICY) == ["model"]
    assert missing(case, Policy()) == ["version", "expected", "actual", "reproduction"]


def test_what_was_given_for_another_checklist_is_not_lost() -> None:
    given = {"steps": evidence("press"), "model": evidence("X100")}
    case = build_case(product="Printer", evidence=given)
    assert [(item, what) for item, what, _ in listed(case, POLICY)] == [
        ("model", "which printer"),
        ("steps", ""),
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("high", "high"),
        ("HIGH", "high"),
        ("hihg", "high"),
        ("crit", "critical"),
        ("med", "medium"),
        ("purple", ""),
        ("1", ""),
    ],
)
def test_a_near_miss_is_what_was_meant(typed: str, meant: str) -> None:
    assert chosen(typed, SEVERITIES) == meant


def test_a_product_is_spelt_as_the_team_spells_it() -> None:
    assert chosen("editor pro", ("Editor Pro", "Printer")) == "Editor Pro"
    assert chosen("anything", ()) == "anything"
