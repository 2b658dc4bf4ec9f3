"""Which store a STORAGE_URL names."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from storage import name_of, open_store, secrets_in
from storage.base import StoreError
from storage.postgres_address import address_of


async def test_three_slashes_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_store("tinydb:///data/deep/cases.json"):
        assert (tmp_path / "data" / "deep" / "cases.json").is_file()


async def test_four_slashes_are_absolute(tmp_path: Path) -> None:
    url = f"tinydb:///{tmp_path}/cases.json"
    assert url.startswith("tinydb:////")
    async with open_store(url):
        assert (tmp_path / "cases.json").is_file()


async def _use(url: str) -> None:
    async with open_store(url) as store, store.transaction() as tx:
        await tx.set_mark("a", "1")


def test_no_path_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asyncio.run(_use("tinydb://"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "no scheme"),
        ("data/cases.json", "no scheme"),
        ("tinydb://data/cases.json", "three slashes"),
        ("tinydb:///", "no file"),
        ("tinydb:///data/", "no file"),
        ("sqlite:///secret.db", "unknown scheme"),
        ("TinyDB:///x.json", "unknown scheme"),
    ],
)
def test_any_other_url_is_refused_with_an_example(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refusal:
        open_store(url)
    assert "tinydb:///data/cases.json" in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://bot:secret@db", "names no database"),
        ("postgresql+asyncpg://bot:secret@db/", "names no database"),
        ("postgres://bot:secret@[db/cases", "cannot be read"),
        ("postgres://bot:sec[ret@db/secret", "cannot be read"),
        ("postgres://bot:secret@secret@db/cases", "cannot be read"),
        ("postgres://bot:secret#@db/cases", "names no database"),
        ("postgres://bot:secret?@db/cases", "names no database"),
        ("postgres://bot@db/cases?password=secret#secret", "cannot be read"),
        # A letter that stands for several, one of them a slash.
        ("postgres://bot:secret\u2100@db/cases", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_read_is_refused_with_an_example(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refusal:
        open_store(url)
    assert "postgresql://user:password@host:5432/database" in str(refusal.value)
    assert "@ is %40" in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("channel_binding=require", "asks for channel_binding"),
        ("require_auth=scram-sha-256", "asks for require_auth"),
        ("sslmode=verify_full", "unknown sslmode: use one of .*verify-full"),
        ("target_session_attrs=master", "unknown target_session_attrs: use one of .*primary"),
        ("sslmode=require&sslrootcert=/none/secret.crt", "names a file as sslrootcert"),
        ("sslmode=verify-full", "name its file as sslrootcert"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(
    options: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    with pytest.raises(StoreError, match=message) as refusal:
        open_store(f"postgresql://bot:secret@db/cases?{options}")
    assert "secret" not in str(refusal.value)


def test_the_driver_is_given_what_it_knows() -> None:
    url = (
        "postgres+asyncpg://bot:p%40ss@one:1,two:2/cases?connect_timeout=5&keepalives=1&sslmode="
        "&channel_binding=prefer&target_session_attrs=any&target_session_attrs=read-write&user=a+b"
    )
    assert address_of(url) == (
        "postgresql://bot:p%40ss@one:1,two:2/cases?target_session_attrs=read-write&user=a%2Bb"
    )
    assert address_of("postgresql:///?service=cases") == "postgresql:///?service=cases"


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("tinydb:////home/a:b@c/cases.json", []),
        ("postgresql://db/cases", []),
        ("postgresql://bot:p%40ss@db/cases", ["p%40ss", "p@ss"]),
        ("postgres://bot:p[s#s?@db/cases", ["p[s#s?"]),
        ("postgresql://bot@db/cases?sslmode=require&password=p%2Bss&sslpassword=s", [
            "p%2Bss", "p+ss", "s",
        ]),
    ],
)  # fmt: skip
def test_what_is_secret_in_a_url_is_known(url: str, secrets: list[str]) -> None:
    assert secrets_in(url) == secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tinydb:///data/cases.json", "tinydb:///data/cases.json"),
        ("postgresql://bot:secret@db:5432/cases?password=secret", "postgresql://db:5432/cases"),
        ("postgresql+asyncpg://bot:se@cret@db/cases", "postgresql+asyncpg://db/cases"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert name_of(url) == shown


def test_a_backend_is_imported_only_when_it_is_asked_for() -> None:
    script = "import sys, storage; sys.exit('tinydb' in sys.modules)"
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)  # noqa: S603 - our own line
