"""Types of settings are words that say what to give, and nothing of the program's insides."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from likewise.core.registry import Registry
from likewise.jobs.methods import LISTED, described
from likewise.jobs.setting_types import type_words
from likewise.simulate import SIMULATORS

Share = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseModel):
    """Settings of every form."""

    number: Annotated[int, Field(ge=1)] | None = None
    share: Share = 0.5
    way: Literal["up", "down"] = "up"
    shares: tuple[Share, ...] = ()
    three: tuple[Share, Share, Share] = (0, 0, 0)
    days: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=7, max_length=7)]
    some: tuple[Annotated[float, Field(gt=0, le=9)], ...] = Field((1,), min_length=1)
    grid: tuple[tuple[int, ...], ...] = ()
    names: list[str] = []


def test_types_are_told_in_words() -> None:
    said = {n: type_words(f.annotation, f.metadata) for n, f in Settings.model_fields.items()}
    assert said == {
        "number": "int | None", "share": "float", "way": "up | down",
        "shares": "list of numbers from 0 to 1", "three": "3 numbers from 0 to 1",
        "days": "7 numbers > 0", "some": "list of numbers > 0 and <= 9",
        "grid": "list of lists of whole numbers", "names": "list of texts",
    }  # fmt: skip


@pytest.mark.parametrize("registry", [SIMULATORS, LISTED], ids=["simulators", "generators"])
def test_no_setting_shows_the_insides_of_the_program(registry: Registry) -> None:
    for name in registry:
        for setting in described(registry.load(name))[1]:
            for inside in ("Annotated", "FieldInfo", "Ge(", "[", "typing", "tuple", "class"):
                assert inside not in setting.type, (name, setting.name, setting.type)
