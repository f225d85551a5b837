from typing import Annotated

import pytest
from pydantic import Field

from likewise.core.errors import ConfigError
from likewise.core.params import Recipe, build, parse_settings


class _Trees(Recipe):
    leaf: Annotated[int, Field(ge=1)] = 100
    order: str = "auto"


def test_settings_are_read_as_yaml_scalars() -> None:
    assert parse_settings(["leaf=5", "share=.5", "on=true", "names=[a, b]", "max-depth=3"]) == {
        "leaf": 5,
        "share": 0.5,
        "on": True,
        "names": ["a", "b"],
        "max_depth": 3,
    }


@pytest.mark.parametrize("pair", ["leaf", "=5", ""])
def test_a_setting_without_a_name_or_value_is_refused(pair: str) -> None:
    with pytest.raises(ConfigError):
        parse_settings([pair])


def test_an_unknown_setting_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="'leaf'"):
        build(_Trees, {"leav": 5})


def test_a_value_out_of_range_names_the_setting_and_the_rule() -> None:
    with pytest.raises(ConfigError, match=r"'leaf'.*greater than or equal to 1"):
        build(_Trees, {"leaf": 0})


def test_broken_yaml_in_a_setting_is_a_usage_error() -> None:
    with pytest.raises(ConfigError):
        parse_settings(["leaf=[1, 2"])
