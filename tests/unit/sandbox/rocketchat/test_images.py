"""How large a picture is."""

import pytest

from sandbox.rocketchat.images import Size, size_of

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04xx\xff\xc4\x00\x03x\xff\xc0\x00\x11\x08\x00\x05\x00\x07" + b"x" * 12
)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"GIF89a\x02\x00\x00\x01rest", Size(2, 256)),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x03", Size(2, 3)),
        (JPEG, Size(7, 5)),
        (JPEG[:16], None),
        (b"\xff\xd8", None),
        (b"GIF89a", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", None),
        (b"text", None),
        (b"", None),
    ],
)
def test_size(content: bytes, size: Size | None) -> None:
    assert size_of(content) == size
