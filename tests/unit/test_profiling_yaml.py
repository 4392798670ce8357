"""YAML that is written by hand reads as what was written."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from market_regulation.sources.profiling.yaml_text import flow


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), st.lists(st.text() | st.integers() | st.booleans() | st.none())))
def test_whatever_a_heading_holds_is_one_line_of_yaml(value: dict[str, list[object]]) -> None:
    """Line breaks, colons, hashes, quotes and words such as ``no`` come back as they were."""
    text = flow(value)

    assert yaml.safe_load(text) == value
    assert len(text.splitlines()) == 1
