"""Parser process: a text file out of its zip or gz archive, as it is."""

from market_regulation.parsers.container import unpacked
from market_regulation.parsers.process import BLOCK, Output, Request, serve


def write_text(request: Request, output: Output) -> None:
    """Write the content of the archive's one member."""
    with unpacked(request, "text") as content:
        while block := content.read(BLOCK):
            output.write(block)


if __name__ == "__main__":
    serve(write_text)
