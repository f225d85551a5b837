"""Settings of the package's simulators: a number has limits, so that none uses up all memory."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from likewise.simulate import SIMULATORS

LOWEST, HIGHEST = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}


def _numbers(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The numbers of a setting: itself, or those in its lists."""
    if schema.get("type") in ("integer", "number"):
        yield schema
    for part in [*schema.get("prefixItems", []), *schema.get("anyOf", [])]:
        yield from _numbers(part)
    if isinstance(schema.get("items"), dict):
        yield from _numbers(schema["items"])


@pytest.mark.parametrize("name", list(SIMULATORS))
def test_every_number_lies_between_two_limits(name: str) -> None:
    kind = SIMULATORS.load(name)
    for setting, schema in kind.model_json_schema()["properties"].items():
        for number in _numbers(schema):
            assert LOWEST & set(number), setting
            assert HIGHEST & set(number), setting
        if schema.get("type") == "number":
            for value in (float("inf"), float("nan")):
                with pytest.raises(ValidationError):
                    kind(**{setting: value})
