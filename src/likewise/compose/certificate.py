"""Certificates: every rule counted over all rows while they stream by."""

from collections.abc import Iterable, Sequence

from likewise.compose.hashes import Hashes, row_hashes
from likewise.data.check import Checked, broken_rows
from likewise.data.reference import Reference
from likewise.data.rules import Rule, Unique
from likewise.data.table import Table


class Certifier:
    """Counts the rows that break each rule, block after block.

    Args:
        rules: the rules to count.
        references: what each rule remembers of the training data.

    Memory: 8 bytes a row for each uniqueness rule, else none that grows.
    """

    def __init__(self, rules: Sequence[Rule], references: Sequence[Reference | None]) -> None:
        self._rules = tuple(zip(rules, references, strict=True))
        self._seen = [Hashes() for _ in self._rules]
        self._violations = [0] * len(self._rules)
        self._rows = 0

    def add(self, block: Table) -> None:
        """Count one more block."""
        self._rows += block.rows
        for i, (rule, reference) in enumerate(self._rules):
            if isinstance(rule, Unique):
                self._violations[i] += self._repeats(i, rule, block)
            else:
                self._violations[i] += int(broken_rows(rule, block, reference).sum())

    def result(self) -> tuple[Checked, ...]:
        """For each rule the rows looked at and those that break it."""
        pairs = zip(self._rules, self._violations, strict=True)
        return tuple(Checked(rule, self._rows, count) for (rule, _), count in pairs)

    def _repeats(self, i: int, rule: Unique, block: Table) -> int:
        hashes, there = row_hashes(block, rule.columns)
        fresh = self._seen[i].new(hashes[there])
        self._seen[i].add(hashes[there][fresh])
        return int((~fresh).sum())


def certify(
    rules: Sequence[Rule], references: Sequence[Reference | None], blocks: Iterable[Table]
) -> tuple[Checked, ...]:
    """The certificates of ``rules`` over all ``blocks``, in bounded memory."""
    certifier = Certifier(rules, references)
    for block in blocks:
        certifier.add(block)
    return certifier.result()
