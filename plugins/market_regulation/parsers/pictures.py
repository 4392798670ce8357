"""Parser process: how large a picture is by its own header, without unpacking it."""

import re

Picture = tuple[int, int, int]
"""Width and height in pixels, size in bytes."""


def picture(data: bytes) -> Picture | None:
    """Return the size that a PNG, JPEG, GIF or BMP states; None for everything else, which may be of any size."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        sides = data[16:20], data[20:24]
    elif data.startswith(b"\xff\xd8"):
        sides = _jpeg_sides(data)
    elif data.startswith((b"GIF87a", b"GIF89a")):
        sides = data[7:5:-1], data[9:7:-1]
    elif data.startswith(b"BM"):
        sides = data[21:17:-1], data[25:21:-1]
    else:
        return None
    width, height = (int.from_bytes(side) for side in sides)
    return (width, height, len(data)) if width and height else None


def printable(data: bytes) -> str:
    """Return what can be read in bytes of any kind: numbers and addresses in remarks or in a certificate."""
    return "\n;\n".join(run.decode("ascii") for run in re.findall(rb"[\x20-\x7e]{6,}", data))


def _jpeg_sides(data: bytes) -> tuple[bytes, bytes]:
    """Width and height from the largest frame header: a JPEG may carry more than one."""
    frames = re.findall(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..[\x08\x0c\x10](..)(..)", data, re.DOTALL)
    height, width = max(frames, key=lambda frame: frame[0] + frame[1], default=(b"", b""))
    return width, height
