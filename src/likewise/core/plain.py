"""Plain values from a YAML or JSON file that a person has written.

What is wrong is told with its line. A key that stands twice in one mapping is refused: YAML would
silently forget the first.
"""

from pathlib import Path
from typing import Any

import yaml

from likewise.core.errors import LikewiseError


def read_plain(path: str | Path, wrong: type[LikewiseError]) -> Any:
    """What a YAML or JSON file holds; raises ``wrong`` when it cannot be read."""
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise wrong(str(path), f"cannot be read ({error.strerror})", "Check the path") from None
    except RecursionError:
        raise wrong(str(path), "nested too deeply", "Write it flatter") from None
    except (yaml.YAMLError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f"{path}:{line + 1}" if line is not None else str(path)
        if isinstance(error, _TwiceError):
            raise wrong(place, "a key that stands there before", "Keep one of them") from None
        raise wrong(place, "not valid YAML or JSON", "Mend the syntax there") from None


class _TwiceError(yaml.MarkedYAMLError):
    """A key stands twice in one mapping."""


class _Loader(yaml.SafeLoader):
    """Plain values only, as ``yaml.safe_load``."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen and name is not None and name[1] != "<<":
                raise _TwiceError(problem="a key twice", problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)
