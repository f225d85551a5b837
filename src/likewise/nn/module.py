"""Networks as frozen dataclasses that JAX sees through: fields are parameters or settings."""

import dataclasses
from typing import Any, TypeVar, dataclass_transform

import jax

T = TypeVar("T")


def static(**options: Any) -> Any:
    """A field that shapes the program, such as a width; it must be hashable."""
    return dataclasses.field(metadata={"static": True}, **options)


@dataclass_transform(frozen_default=True, field_specifiers=(static, dataclasses.field))
def module(cls: type[T]) -> type[T]:
    """A frozen dataclass that is a pytree: its fields are arrays or modules, or ``static()``."""
    return seen(dataclasses.dataclass(frozen=True)(cls))


def seen(cls: type[T]) -> type[T]:
    """Let JAX see through a frozen dataclass that was made without it."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    names = {
        kind: [f.name for f in fields if bool(f.metadata.get("static")) is kind]
        for kind in (True, False)
    }
    jax.tree_util.register_dataclass(cls, data_fields=names[False], meta_fields=names[True])
    return cls
