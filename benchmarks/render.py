"""Write the measured tables into the documentation; they are never typed.

    python benchmarks/render.py

Reads ``runs/*.jsonl`` beside this file and replaces what stands between the marks
``<!-- table: NAME -->`` and ``<!-- end -->`` in README.md and docs/. Several runs of one kind are
shown as their median.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))
from tables import agents, judging, linked, sequences, single, worlds

HERE = Path(__file__).parent
MARK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
TABLES = {
    name: cells
    for page in (agents, judging, linked, sequences, single, worlds)
    for name, cells in page.TABLES.items()
}


def main() -> None:
    """Render every table that is asked for in the documentation."""
    for page in [HERE.parent / "README.md", *sorted((HERE.parent / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        new = MARK.sub(lambda m: f"{m[1]}\n{TABLES[m[2]]()}\n\n{m[3]}", text)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"rendered {page.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
